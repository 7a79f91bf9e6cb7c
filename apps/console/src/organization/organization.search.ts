import { text, uuid } from '../context/search.ts';

export interface MembersSearch {
  find?: string;
}
export const readMembersSearch = (search: Record<string, unknown>): MembersSearch => text('find', search);

/** Of the record: of whom, of which kind, about which key. */
export interface ActivitySearch {
  person?: string;
  kind?: string;
  key?: string;
}
export const readActivitySearch = (search: Record<string, unknown>): ActivitySearch => ({
  ...uuid('person', search),
  ...uuid('key', search),
  ...text('kind', search),
});
