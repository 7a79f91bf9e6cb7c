import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Crown, Ellipsis, History, KeyRound, Search, User, UserMinus, Users } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { members } from '../api/queries.ts';
import { useMe, useOrganization } from '../context/organization.ts';
import { useWhole } from '../context/whole.ts';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { FilterField, Filters } from '../parts/filters.tsx';
import { Menu, MenuItem } from '../parts/menu.tsx';
import { Long } from '../parts/more.tsx';
import { Person } from '../parts/person.tsx';
import { Row, Section } from '../parts/rows.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { onDay, When } from '../parts/when.tsx';
import { Empty } from '../states/empty.tsx';
import { Listed } from '../states/listed.tsx';
import { common } from '../texts/common.ts';
import { members as text } from '../texts/organization.ts';
import { shell } from '../texts/shell.ts';
import type { Member, MemberAct } from './member-dialogs.tsx';
import { Part } from './part.tsx';
import style from './organization.module.css';

const MemberDialogs = lazy(() => import('./member-dialogs.tsx').then(({ MemberDialogs: it }) => ({ default: it })));
const route = getRouteApi('/inside/organization/members');

export function MembersPage() {
  const { find } = route.useSearch();
  const navigate = route.useNavigate();
  const { account } = useMe();
  const { current } = useOrganization();
  const list = useInfiniteQuery({ ...members(current?.id ?? ''), enabled: current !== undefined });
  const [opened, open] = useState<{ act: MemberAct; who: Member }>();
  const isOwner = current?.role === 'owner';
  useWhole(list, find !== undefined);
  const look = (words: string) =>
    void navigate({
      search: ({ find: _, ...rest }) => ({ ...rest, ...(words === '' ? {} : { find: words }) }),
      replace: true,
    });
  const all = list.data?.items ?? [];
  const me = all.find(({ accountId }) => accountId === account.id);
  const isOnly = (who: Member) =>
    who.role === 'owner' && !list.hasNextPage && all.filter(({ role }) => role === 'owner').length === 1;
  return (
    <Part title={text.title} lead={isOwner ? text.lead : text.memberLead}>
      <Filters count={list.data && text.count(matching(all, find).length, list.hasNextPage)}>
        <FilterField icon={Search} {...text.find} value={find} onChange={look} />
      </Filters>
      <Listed query={list} what={text.title}>
        {({ items }) => {
          const shown = matching(items, find);
          if (shown.length === 0)
            return (
              <Empty icon={Users} title={text.nothing.title} text={text.nothing.text}>
                <Button
                  onClick={() => {
                    look('');
                  }}
                >
                  {text.nothing.act}
                </Button>
              </Empty>
            );
          return (
            <Long rows={shown} of={list}>
              {(rows) => (
                <Table
                  caption={text.title}
                  columns={isOwner ? ownersColumns({ me: account.id, isOnly, open }) : membersColumns(account.id)}
                  rows={rows}
                  idOf={({ accountId }) => accountId}
                  toneOf={(who) => (isOpen(who) ? undefined : 'quiet')}
                />
              )}
            </Long>
          );
        }}
      </Listed>
      {me && (
        <div className={style.sections}>
          <Section title={text.leave.section}>
            <Row title={text.leave.row} text={isOnly(me) ? text.onlyOwner : text.leave.rowText}>
              {!isOnly(me) && (
                <Button
                  writes
                  onClick={() => {
                    open({ act: 'leave', who: me });
                  }}
                >
                  {text.leave.item}
                </Button>
              )}
            </Row>
          </Section>
        </div>
      )}
      <Suspense>
        {opened && current && (
          <MemberDialogs
            {...opened}
            of={current}
            onClose={() => {
              open(undefined);
            }}
          />
        )}
      </Suspense>
    </Part>
  );
}

const isOpen = ({ status, accountStatus }: Member) => status === 'active' && accountStatus !== 'suspended';

const matching = (items: readonly Member[], find = '') => {
  const words = find.toLowerCase().split(/\s+/);
  return items.filter(({ name, email }) => words.every((word) => `${name} ${email}`.toLowerCase().includes(word)));
};

const named = (me: string): Column<Member> => ({
  head: text.columns.member,
  kind: 'name',
  cell: ({ accountId, name, email, status, accountStatus }) => (
    <>
      <div>
        <Person name={name} shown={accountId === me ? `${name} (${common.you})` : name} />
      </div>
      <small>{email}</small> {status === 'deactivated' && <Chip tone="warn">{text.shutOut}</Chip>}
      {accountStatus === 'suspended' && <Chip tone="warn">{text.suspended}</Chip>}
    </>
  ),
});

const membersColumns = (me: string): readonly Column<Member>[] => [
  named(me),
  { head: text.columns.role, cell: ({ role }) => shell.role[role] },
  { head: text.columns.joined, cell: ({ joinedAt }) => <When at={joinedAt} /> },
];

interface Acts {
  me: string;
  isOnly: (who: Member) => boolean;
  open: (opened: { act: MemberAct; who: Member }) => void;
}

const ownersColumns = ({ me, isOnly, open }: Acts): readonly Column<Member>[] => [
  named(me),
  {
    head: text.columns.role,
    cell: (who) => (
      <div>
        {shell.role[who.role]}
        {isOnly(who) && <small className={style.small}>{text.onlyOwner}</small>}
      </div>
    ),
  },
  {
    head: text.columns.projects,
    cell: ({ projects, projectCount }) =>
      projects === undefined ? text.unknown : <Projects of={projects} all={projectCount ?? projects.length} />,
  },
  {
    head: text.columns.keys,
    cell: ({ accountId, activeKeys }) =>
      activeKeys === undefined ? (
        text.unknown
      ) : activeKeys === 0 ? (
        0
      ) : (
        <Link to="/keys" search={{ person: accountId }}>
          {activeKeys}
        </Link>
      ),
  },
  {
    head: text.columns.factor,
    cell: ({ secondFactor }) =>
      secondFactor === undefined ? text.unknown : secondFactor ? text.factor.yes : text.factor.no,
  },
  {
    head: text.columns.seen,
    cell: ({ accountStatus, lastSeenAt }) =>
      accountStatus === undefined ? text.unknown : lastSeenAt ? <When at={lastSeenAt} /> : common.never,
  },
  {
    head: text.columns.due,
    cell: ({ accountStatus, dueAt }) =>
      accountStatus === undefined ? text.unknown : dueAt ? <time dateTime={dueAt}>{onDay(dueAt)}</time> : text.exempt,
  },
  {
    head: text.columns.act,
    kind: 'act',
    cell: (who) => <MemberMenu of={who} isMe={who.accountId === me} isOnly={isOnly(who)} open={open} />,
  },
];

const NAMED_MAX = 2;

const Projects = ({ of, all }: { of: readonly { id: string; name: string }[]; all: number }) =>
  of.length === 0 ? (
    text.noProjects
  ) : (
    <span className={style.names}>
      {of.slice(0, NAMED_MAX).map(({ id, name }, i) => (
        <span key={id}>
          {i > 0 && ', '}
          <Link to="/projects/$id" params={{ id }} className={style.short} title={name}>
            <bdi>{name}</bdi>
          </Link>
        </span>
      ))}
      {all > NAMED_MAX && <> {text.andMore(all - NAMED_MAX)}</>}
    </span>
  );

interface MemberMenuProps extends Pick<Acts, 'open'> {
  of: Member;
  isMe: boolean;
  isOnly: boolean;
}

function MemberMenu({ of: who, isMe, isOnly, open }: MemberMenuProps) {
  const navigate = route.useNavigate();
  const person = who.accountId;
  return (
    <Menu label={text.actions(who.name)} button={<Ellipsis size={17} aria-hidden="true" />} buttonClass={style.dots}>
      <MenuItem onSelect={() => void navigate({ to: '/keys', search: { person } })}>
        <KeyRound size={15} aria-hidden="true" />
        {text.theirKeys}
      </MenuItem>
      <MenuItem onSelect={() => void navigate({ to: '/organization/activity', search: { person } })}>
        <History size={15} aria-hidden="true" />
        {text.theirActivity}
      </MenuItem>
      {!isOnly && (
        <>
          <MenuItem
            onSelect={() => {
              open({ act: 'role', who });
            }}
          >
            {who.role === 'owner' ? <User size={15} aria-hidden="true" /> : <Crown size={15} aria-hidden="true" />}
            {who.role === 'owner' ? text.makeMember : text.makeOwner}
          </MenuItem>
          <MenuItem
            bad
            onSelect={() => {
              open({ act: isMe ? 'leave' : 'remove', who });
            }}
          >
            <UserMinus size={15} aria-hidden="true" />
            {isMe ? text.leave.item : text.removeItem}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
