import { useInfiniteQuery } from '@tanstack/react-query';
import { members } from '../api/queries.ts';
import { useOrganization } from '../context/organization.ts';
import { states } from '../texts/common.ts';
import style from './states.module.css';

/** What only owners may do: who they are stands in place of it. */
export function NoAccess() {
  const { current } = useOrganization();
  const { data } = useInfiniteQuery({ ...members(current?.id ?? ''), enabled: current !== undefined });
  const owners = (data?.items ?? []).filter(({ role }) => role === 'owner').map(({ name }) => name);
  return (
    <div className={style.page}>
      <h1>{states.noAccess.title}</h1>
      <p>{states.noAccess.detail(owners)}</p>
    </div>
  );
}
