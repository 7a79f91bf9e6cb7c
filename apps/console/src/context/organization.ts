import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { start } from '../api/queries.ts';

/** Which organization the address names (`?org=`), of those that the person is in; of one alone, that. */
export const chosen = <T extends { id: string }>(all: readonly T[], org: string | undefined): T | undefined =>
  all.find(({ id }) => id === org) ?? all.at(-1);

/** The organization that the page is about. Two tabs may show different ones, and links can be shared. */
export function useOrganization() {
  const { org } = useSearch({ strict: false });
  const all = useQuery(start).data?.organizations ?? [];
  return { all, current: chosen(all, org) };
}

/** Who is signed in. Only pages inside the shell ask, which is not there for anybody else. */
export function useMe() {
  const { data } = useQuery(start);
  if (!data?.account || !data.session) throw new Error('nobody is signed in');
  return { account: data.account, session: data.session, config: data.config };
}
