import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, type Item } from '../api/client.ts';
import { keys, renew } from '../api/queries.ts';
import { Confirm } from '../parts/confirm.tsx';
import { useProved } from '../shell/proof.tsx';
import { members as text } from '../texts/organization.ts';
import style from './organization.module.css';

export type Member = Item<'/v1/organizations/:id/members'>;
export type MemberAct = 'role' | 'remove' | 'leave';

interface MemberDialogProps {
  of: { id: string; name: string };
  who: Member;
  onClose: () => void;
}

export function MemberDialogs({ act, ...props }: MemberDialogProps & { act: MemberAct }) {
  if (act === 'role') return <ChangeRole {...props} />;
  return act === 'remove' ? <Remove {...props} /> : <Leave {...props} />;
}

function ChangeRole({ of: { id }, who: { accountId, name, role }, onClose }: MemberDialogProps) {
  const queries = useQueryClient();
  const proved = useProved();
  const to = role === 'owner' ? 'member' : 'owner';
  return (
    <Confirm
      title={text.role[to].title(name)}
      act={text.role[to].act}
      look="solid"
      onAct={async (once) => {
        await proved(() =>
          api.post('/v1/organizations/:id/members/:accountId/change-role', {
            params: { id, accountId },
            body: { role: to },
            once,
          }),
        );
        // It may have been my own.
        await renew(queries, 'members', 'start', 'record');
      }}
      onClose={onClose}
    >
      <p>{text.role[to].text}</p>
    </Confirm>
  );
}

/** What somebody's going takes along: their keys, by name. */
function useKeysOf(organizationId: string, accountId: string) {
  const { data, hasNextPage } = useInfiniteQuery(keys({ organizationId, accountId, status: 'active' }));
  return data && { names: data.items.map(({ name }) => name), isMore: hasNextPage };
}

function Remove({ of, who: { accountId, name }, onClose }: MemberDialogProps) {
  const queries = useQueryClient();
  const theirs = useKeysOf(of.id, accountId);
  return (
    <Confirm
      title={text.remove.title(name, of.name)}
      act={text.remove.act}
      onAct={async (once) => {
        const params = { id: of.id, accountId };
        await api.post('/v1/organizations/:id/members/:accountId/remove', { params, body: {}, once });
        await renew(queries, 'members', 'keys', 'key', 'project', 'projects', 'record');
      }}
      onClose={onClose}
    >
      {theirs && (
        <p>
          <strong>{text.remove.keys(theirs.names, theirs.isMore)}</strong>
        </p>
      )}
      <p className={style.hint}>{text.remove.text}</p>
    </Confirm>
  );
}

function Leave({ of: { id, name }, who: { accountId }, onClose }: MemberDialogProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const mine = useKeysOf(id, accountId);
  return (
    <Confirm
      title={text.leave.title(name)}
      act={text.leave.act}
      onAct={async (once) => {
        await api.post('/v1/organizations/:id/leave', { params: { id }, body: {}, once });
        await renew(queries, 'start');
        await navigate({ to: '/keys' });
      }}
      onClose={onClose}
    >
      {mine && (
        <p>
          <strong>{text.leave.keys(mine.names, mine.isMore)}</strong>
        </p>
      )}
      <p className={style.hint}>{text.leave.rowText}</p>
    </Confirm>
  );
}
