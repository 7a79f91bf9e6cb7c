import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, MailPlus, Send, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api, type Item, Refusal } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { FilterChoice, Filters } from '../parts/filters.tsx';
import { Menu, MenuItem } from '../parts/menu.tsx';
import { More } from '../parts/more.tsx';
import { Notice } from '../parts/notice.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { When } from '../parts/when.tsx';
import { Empty } from '../states/empty.tsx';
import { Listed } from '../states/listed.tsx';
import { common } from '../texts/common.ts';
import { invitations as text } from '../texts/organization.ts';
import { shell } from '../texts/shell.ts';
import { invitations } from './organization.queries.ts';
import { OwnersOnly, Part } from './part.tsx';
import style from './organization.module.css';

const Invite = lazy(() => import('./invite.tsx').then(({ Invite: it }) => ({ default: it })));
type Invitation = Item<'/v1/organizations/:id/invitations'>;

export const InvitationsPage = () => <OwnersOnly>{(current) => <Invitations of={current} />}</OwnersOnly>;

function Invitations({ of }: { of: { id: string; name: string } }) {
  const queries = useQueryClient();
  const list = useInfiniteQuery(invitations(of.id));
  const [which, choose] = useState('pending');
  const [isInviting, invite] = useState(false);
  const [revoking, revoke] = useState<Invitation>();
  const [said, say] = useState<{ tone: 'good' | 'bad'; words: string }>();
  const shown = (items: readonly Invitation[]) => items.filter(({ status }) => which === 'all' || status === 'pending');
  const again = async ({ id, email }: Invitation) => {
    try {
      await api.post('/v1/invitations/:id/resend', { params: { id }, body: {} });
      say({ tone: 'good', words: text.sentAgain(email) });
      await renew(queries, 'invitations');
    } catch (error) {
      say({ tone: 'bad', words: error instanceof Refusal ? error.problem.detail : common.unreachable });
    }
  };
  const act = (
    <Button
      look="solid"
      writes
      onClick={() => {
        invite(true);
      }}
    >
      <MailPlus size={16} aria-hidden="true" />
      {text.invite}
    </Button>
  );
  return (
    <Part title={text.title} lead={text.lead} action={act}>
      <Filters count={list.data && text.count(shown(list.data.items).length, list.hasNextPage)}>
        <FilterChoice
          label={text.which.label}
          value={which}
          choices={[
            ['pending', text.which.pending],
            ['all', text.which.all],
          ]}
          onChange={choose}
        />
      </Filters>
      <div role="status" className={style.said}>
        {said && <Notice tone={said.tone}>{said.words}</Notice>}
      </div>
      <Listed query={list} what={text.title}>
        {({ items }) =>
          shown(items).length === 0 ? (
            <Empty icon={MailPlus} title={text.empty.title} text={text.empty.text}>
              {act}
            </Empty>
          ) : (
            <>
              <Table
                caption={text.title}
                columns={columnsOf((it) => void again(it), revoke)}
                rows={shown(items)}
                idOf={({ id }) => id}
                toneOf={({ status }) => (status === 'pending' ? undefined : 'quiet')}
              />
              <More of={list} />
            </>
          )
        }
      </Listed>
      <Suspense>
        {isInviting && (
          <Invite
            of={of}
            onClose={() => {
              invite(false);
            }}
          />
        )}
      </Suspense>
      {revoking && (
        <Confirm
          title={text.revoke.title(revoking.email)}
          act={text.revoke.act}
          onAct={async (once) => {
            await api.post('/v1/invitations/:id/revoke', { params: { id: revoking.id }, body: {}, once });
            await renew(queries, 'invitations');
          }}
          onClose={() => {
            revoke(undefined);
          }}
        >
          <p>{text.revoke.text}</p>
        </Confirm>
      )}
    </Part>
  );
}

const MAIL_TONES = { waiting: 'calm', accepted: 'good', bounced: 'bad', failed: 'bad' } as const;

const columnsOf = (
  again: (it: Invitation) => void,
  revoke: (it: Invitation) => void,
): readonly Column<Invitation>[] => [
  {
    head: text.columns.email,
    kind: 'name',
    cell: ({ email, inviter: { name } }) => (
      <>
        <span>{email}</span>
        {name !== null && (
          <small>
            <bdi>{text.by(name)}</bdi>
          </small>
        )}
      </>
    ),
  },
  { head: text.columns.role, cell: ({ role }) => shell.role[role] },
  {
    head: text.columns.projects,
    cell: ({ projects }) => (
      <span className={style.names}>
        {projects.length === 0 ? text.mail.unknown : projects.map(({ name }) => name).join(', ')}
      </span>
    ),
  },
  {
    head: text.columns.mail,
    cell: ({ mail }) => (mail === null ? text.mail.unknown : <Chip tone={MAIL_TONES[mail]}>{text.mail[mail]}</Chip>),
  },
  { head: text.columns.sent, cell: ({ createdAt }) => <When at={createdAt} /> },
  {
    head: text.columns.status,
    cell: ({ status, expiresAt }) =>
      status === 'pending' ? (
        <span>
          {text.columns.expires} <When at={expiresAt} />
        </span>
      ) : (
        text.status[status]
      ),
  },
  {
    head: text.columns.act,
    kind: 'act',
    cell: (it) =>
      it.status === 'pending' && (
        <Menu
          label={text.actions(it.email)}
          button={<Ellipsis size={17} aria-hidden="true" />}
          buttonClass={style.dots}
        >
          <MenuItem
            onSelect={() => {
              again(it);
            }}
          >
            <Send size={15} aria-hidden="true" />
            {text.again}
          </MenuItem>
          <MenuItem
            bad
            onSelect={() => {
              revoke(it);
            }}
          >
            <Trash2 size={15} aria-hidden="true" />
            {text.revokeItem}
          </MenuItem>
        </Menu>
      ),
  },
];
