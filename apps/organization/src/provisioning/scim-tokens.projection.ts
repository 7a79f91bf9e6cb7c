import { rowProjection, table } from '#event-sourcing';
import type { SingleSignOnEvent } from '../single-sign-on/vocabulary.decider.ts';

const SCIM_TOKENS = table(
  'scim_tokens',
  {
    token_id: 'uuid',
    connection_id: 'uuid',
    organization_id: 'uuid',
    account_id: 'uuid',
    digest: 'text',
    subject: 'text',
    created_at: 'timestamptz',
    revoked_at: 'timestamptz',
  },
  'token_id',
);

/** By which token a provider asks: written in the transaction of the events themselves, so what is revoked opens nothing. */
export const scimTokens = rowProjection<SingleSignOnEvent>({
  name: 'scim-tokens-1',
  categories: ['single-sign-on'],
  tables: [SCIM_TOKENS],
  change(rows, { id: organization_id, event, occurredAt }) {
    switch (event.type) {
      case 'ScimTokenMade': {
        const { connectionId: connection_id, tokenId: token_id, accountId: account_id, digest, subject } = event.data;
        const created = { created_at: occurredAt, revoked_at: null };
        rows.put(SCIM_TOKENS, { token_id, connection_id, organization_id, account_id, digest, subject, ...created });
        return;
      }
      case 'ScimTokenRevoked':
        rows.patch(SCIM_TOKENS, { token_id: event.data.tokenId }, { revoked_at: occurredAt });
        return;
      case 'ConnectionRemoved':
        rows.remove(SCIM_TOKENS, { connection_id: event.data.connectionId });
        return;
      default:
    }
  },
});
