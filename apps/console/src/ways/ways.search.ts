import { localPath } from '../context/search.ts';

/** Where a sign-in goes on afterwards, and whether a session had ended before. */
export interface SignInSearch {
  to?: string;
  ended?: true;
}
export const readSignInSearch = (search: Record<string, unknown>): SignInSearch => {
  const to = localPath(search.to);
  return { ...(to === undefined ? {} : { to }), ...(search.ended === true ? { ended: true } : {}) };
};
