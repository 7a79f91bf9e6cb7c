import { api } from '../api/client.ts';
import { paged } from '../api/queries.ts';
import { kinds } from '../texts/record.ts';

const PAGE = 50;

export interface RecordAsked {
  organizationId: string;
  actorId?: string | undefined;
  keyId?: string | undefined;
  kind?: string | undefined;
}

/** The organization's record, back in time. */
export const record = ({ kind, ...asked }: RecordAsked, limit = PAGE) =>
  paged(['record', asked, kind, limit], (after, signal) => {
    const types = Object.entries(kinds)
      .find(([name]) => name === kind)?.[1][1]
      .join(',');
    return api.get('/v1/events', { query: { ...asked, types, order: 'newest', after, limit }, signal });
  });
