import { useQueries, useQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { start } from '../api/queries.ts';
import { useMe } from '../context/organization.ts';

/** Each is asked for on its own; who is in more than these sees the first. */
const ASKED_MAX = 20;

/** A domain as it is compared: in the letters of the DNS. */
const domainOf = (text: string) => URL.parse(`http://${text.slice(text.lastIndexOf('@') + 1)}`)?.hostname;

/** How each of my organizations signs its people in, and what that is to me. What cannot be asked now is left out. */
export function useGovernance() {
  const { account, session } = useMe();
  const { data } = useQuery(start);
  const organizations = (data?.organizations ?? []).filter(({ status }) => status === 'active').slice(0, ASKED_MAX);
  return useQueries({
    queries: organizations.map(({ id }) => ({
      queryKey: ['governance', id],
      queryFn: () => api.get('/v1/organizations/:id/governance', { params: { id } }),
      enabled: !session.confined,
    })),
    combine: (all) =>
      all.flatMap(({ data: told }, i) => {
        const organization = organizations[i];
        if (!told || !organization) return [];
        const isOfDomain = told.domains.some((domain) => domainOf(domain) === domainOf(account.email));
        const is = !told.connection
          ? ('off' as const)
          : told.breakGlassAccountId === account.id
            ? 'break-glass'
            : isOfDomain
              ? 'governs'
              : 'guest';
        return [{ ...told, organization, is }];
      }),
  });
}
export type Governed = ReturnType<typeof useGovernance>[number];

/** The one at whose provider I sign in, if there is one. */
export function useProvider(): { organization: string; provider: string } | undefined {
  const it = useGovernance().find(({ is }) => is === 'governs');
  return it?.connection ? { organization: it.organization.name, provider: it.connection.name } : undefined;
}

/** Which of my organizations want idle sessions to end. Asked where one does. */
export function useTimeOutDemands(isDemanded: boolean): string[] {
  const { session } = useMe();
  const { data } = useQuery(start);
  return useQueries({
    queries: (data?.organizations ?? [])
      .filter(({ status }) => status === 'active')
      .slice(0, ASKED_MAX)
      .map(({ id }) => ({
        queryKey: ['organization', id],
        queryFn: () => api.get('/v1/organizations/:id', { params: { id } }),
        enabled: isDemanded && !session.confined,
      })),
    combine: (all) => all.flatMap(({ data: told }) => (told?.idleTimeout.required ? [told.name] : [])),
  });
}

/** The names of organizations, by their ids. */
export function useNames(ids: readonly string[]): string[] {
  const { data } = useQuery(start);
  return (data?.organizations ?? []).filter(({ id }) => ids.includes(id)).map(({ name }) => name);
}

/** "Meridian Labs and Analytical Engines". */
export const listed = (names: readonly string[]): string => new Intl.ListFormat('en').format(names);
