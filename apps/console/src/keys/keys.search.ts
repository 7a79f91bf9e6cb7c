import { text, uuid } from '../context/search.ts';

/** What is shown of the keys, in the address: links of it can be shared. */
export interface KeysSearch {
  org?: string;
  status?: 'all';
  project?: string;
  person?: string;
  find?: string;
  unused?: true;
  create?: true;
  rotate?: string;
  /** The key whose secret was just shown; the secret itself is never in an address. */
  made?: string;
}

/** Reads it from an address that anybody may have typed: what does not fit is left out. */
export const readKeysSearch = (search: Record<string, unknown>): KeysSearch => ({
  ...(search.status === 'all' ? { status: 'all' } : {}),
  ...(search.unused === true ? { unused: true } : {}),
  ...uuid('project', search),
  ...uuid('person', search),
  ...text('find', search),
  ...readKeyDialogs(search),
});

/** The dialogs about keys, wherever they open. */
export type KeyDialogsSearch = Pick<KeysSearch, 'create' | 'rotate' | 'made'>;
export const readKeyDialogs = (search: Record<string, unknown>): KeyDialogsSearch => ({
  ...(search.create === true ? { create: true } : {}),
  ...uuid('rotate', search),
  ...uuid('made', search),
});
