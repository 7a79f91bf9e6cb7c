import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Ellipsis, FolderClosed, KeyRound, Plus, RefreshCw, Search, ShieldOff } from 'lucide-react';
import { lazy, memo, Suspense, useMemo, useState } from 'react';
import type { Item } from '../api/client.ts';
import { now } from '../api/clock.ts';
import { keys, members, projects } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Filters, FilterChoice, FilterField, FilterSelect } from '../parts/filters.tsx';
import { Menu, MenuItem } from '../parts/menu.tsx';
import { Page } from '../parts/page.tsx';
import { Person } from '../parts/person.tsx';
import { lastDays, Roll } from '../parts/roll.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { When } from '../parts/when.tsx';
import { useMe, useOrganization } from '../context/organization.ts';
import { Empty } from '../states/empty.tsx';
import { Listed } from '../states/listed.tsx';
import { NoOrganization } from '../states/no-organization.tsx';
import { common } from '../texts/common.ts';
import { keys as text } from '../texts/keys.ts';
import { KeyDialogs } from './key-dialogs.tsx';
import { KeyStatus } from './key-status.tsx';
import type { KeysSearch } from './keys.search.ts';
import style from './keys-page.module.css';

const RevokeKeys = lazy(() => import('./revoke-keys.tsx').then(({ RevokeKeys: it }) => ({ default: it })));
const UNUSED_DAYS = 90;
const ROLL_DAYS = 30;
const route = getRouteApi('/inside/keys');

type Key = Item<'/v1/keys'>;

export function KeysPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { account } = useMe();
  const { current } = useOrganization();
  const isOwner = current?.role === 'owner';
  const organizationId = current?.id ?? '';
  const asked = { enabled: current !== undefined };
  const filters = {
    projectId: search.project,
    accountId: isOwner ? search.person : undefined,
    unusedForDays: search.unused ? UNUSED_DAYS : undefined,
  };
  const all = useInfiniteQuery({
    ...keys({ organizationId, status: search.status ?? 'active', ...filters }),
    ...asked,
  });
  // A list that is here whole is searched here, as one types.
  const found = useInfiniteQuery({
    ...keys({ organizationId, status: search.status ?? 'active', ...filters, find: search.find }),
    enabled: asked.enabled && search.find !== undefined && all.hasNextPage,
  });
  const list = search.find !== undefined && all.hasNextPage ? found : all;
  const mine = useQuery({ ...projects(organizationId), ...asked });
  const people = useInfiniteQuery({ ...members(organizationId), enabled: asked.enabled && isOwner });
  const shown = useMemo(() => matching(list.data?.items ?? [], search.find), [list.data, search.find]);
  const [revoking, revoke] = useState<readonly Key[]>();
  const [picked, pick] = useState<ReadonlySet<string>>(new Set());
  const go = (change: (before: KeysSearch) => KeysSearch) =>
    void navigate({ to: '/keys', search: change, replace: true });
  const set = (part: Partial<KeysSearch>, ...without: (keyof KeysSearch)[]) => {
    go((before) => ({
      ...Object.fromEntries(Object.entries(before).filter(([name]) => !without.includes(name as never))),
      ...part,
    }));
  };
  const isFiltered = [search.find, search.project, search.person, search.unused].some((part) => part !== undefined);
  const create = (
    <Button
      look="solid"
      writes
      onClick={() => {
        set({ create: true });
      }}
    >
      <Plus size={16} aria-hidden="true" />
      {text.create}
    </Button>
  );
  if (!current) return <NoOrganization />;
  return (
    <Page
      title={text.title}
      lead={
        <>
          {text.lead}{' '}
          <Link to="/help/api-keys" hash="store">
            {text.howToStore}
          </Link>
        </>
      }
      action={create}
    >
      <Filters count={list.data && text.count(shown.length)}>
        <FilterField
          icon={Search}
          label={text.find.label}
          placeholder={text.find.placeholder}
          value={search.find}
          onChange={(find) => {
            set(find === '' ? {} : { find }, 'find');
          }}
        />
        <FilterSelect
          label={text.project.label}
          all={text.project.all}
          value={search.project}
          choices={(mine.data?.items ?? []).map(({ id, name }) => [id, name])}
          onChange={(project) => {
            set(project === '' ? {} : { project }, 'project');
          }}
        />
        {isOwner && (
          <FilterSelect
            label={text.person.label}
            all={text.person.all}
            value={search.person}
            choices={(people.data?.items ?? []).map(({ accountId, name }) => [accountId, name])}
            onChange={(person) => {
              set(person === '' ? {} : { person }, 'person');
            }}
          />
        )}
        <FilterChoice
          label={text.which.label}
          value={search.unused ? 'unused' : (search.status ?? 'active')}
          choices={[
            ['active', text.which.active],
            ['all', text.which.all],
            ...(isOwner ? ([['unused', text.unused]] as const) : []),
          ]}
          onChange={(which) => {
            set(which === 'all' ? { status: 'all' } : which === 'unused' ? { unused: true } : {}, 'status', 'unused');
          }}
        />
      </Filters>
      <Listed query={list} what={text.list}>
        {() => {
          const chosen = shown.filter(({ id, status }) => picked.has(id) && status === 'active');
          if (shown.length === 0)
            return mine.data?.items.length === 0 ? (
              <Empty icon={FolderClosed} title={text.noProject.title} text={text.noProject.text} />
            ) : isFiltered ? (
              <Empty icon={KeyRound} title={text.nothing.title} text={text.nothing.text}>
                <Link from="/keys" to="." search={({ org }) => (org === undefined ? {} : { org })}>
                  {text.nothing.act}
                </Link>
              </Empty>
            ) : (
              <Empty icon={KeyRound} title={text.empty.title} text={text.empty.text}>
                {create}
              </Empty>
            );
          return (
            <>
              <KeyTable rows={shown} me={account.id} isOwner={isOwner} picked={picked} pick={pick} revoke={revoke} />
              {list.hasNextPage && (
                <Button
                  className={style.more ?? ''}
                  busy={list.isFetchingNextPage}
                  onClick={() => void list.fetchNextPage()}
                >
                  {common.more}
                </Button>
              )}
              {chosen.length > 0 && (
                <div className={style.picked}>
                  <Button
                    look="bad"
                    writes
                    onClick={() => {
                      revoke(chosen);
                    }}
                  >
                    {text.revokePicked(chosen.length)}
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </Listed>
      <KeyDialogs />
      <Suspense>
        {revoking && (
          <RevokeKeys
            of={revoking}
            onClose={() => {
              revoke(undefined);
              pick(new Set());
            }}
          />
        )}
      </Suspense>
    </Page>
  );
}

const matching = (items: readonly Key[], find = '') => {
  const words = find.toLowerCase().split(/\s+/);
  return items.filter(({ name, start, accountName }) => {
    const all = `${name} ${start} ${accountName}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
};

/** Drawn anew only when what it shows has changed: a dialog that opens or closes over it draws the page alone. */
const KeyTable = memo(function KeyTable({ rows, ...acts }: Acts & { rows: readonly Key[] }) {
  return (
    <Table
      caption={text.title}
      columns={columnsOf(acts)}
      rows={rows}
      idOf={({ id }) => id}
      toneOf={({ status }) => TONES[status]}
    />
  );
});
const TONES = { active: undefined, expired: 'quiet', revoked: 'struck' } as const;

interface Acts {
  me: string;
  isOwner: boolean;
  picked: ReadonlySet<string>;
  pick: (ids: ReadonlySet<string>) => void;
  revoke: (keys: readonly Key[]) => void;
}

function columnsOf({ me, isOwner, picked, pick, revoke }: Acts): readonly Column<Key>[] {
  const days = lastDays(ROLL_DAYS, now());
  const { columns } = text;
  return [
    {
      head: columns.key,
      kind: 'name',
      cell: ({ id, name, start }) => (
        <>
          <Link to="/keys/$id" params={{ id }}>
            <bdi>{name}</bdi>
          </Link>
          <code>{start}</code>
        </>
      ),
    },
    { head: columns.project, cell: ({ projectName }) => <bdi>{projectName}</bdi> },
    {
      head: columns.lastUsed,
      cell: ({ lastUsedAt, usedDays }) => (
        <div className={style.used}>
          {lastUsedAt === null ? <span className={style.dim}>{common.never}</span> : <When at={lastUsedAt} />}
          <Roll days={days.map((day) => usedDays.includes(day))} label={text.usedOn(usedDays.length, ROLL_DAYS)} />
        </div>
      ),
    },
    {
      head: columns.createdBy,
      cell: ({ accountId, accountName }) => (
        <Person name={accountName} {...(accountId === me ? { shown: common.you } : {})} />
      ),
    },
    { head: columns.status, cell: (key) => <KeyStatus of={key} /> },
    {
      head: columns.act,
      kind: 'act',
      cell: (key) =>
        key.status === 'active' && (
          <div className={style.acts}>
            {(isOwner || key.accountId === me) && (
              <input
                type="checkbox"
                className={style.pick}
                aria-label={text.pick(key.name)}
                checked={picked.has(key.id)}
                onChange={({ target: { checked } }) => {
                  pick(new Set(checked ? [...picked, key.id] : [...picked].filter((id) => id !== key.id)));
                }}
              />
            )}
            <KeyMenu
              of={key}
              isMine={key.accountId === me}
              onRevoke={() => {
                revoke([key]);
              }}
            />
          </div>
        ),
    },
  ];
}

function KeyMenu({ of: { id, name }, isMine, onRevoke }: { of: Key; isMine: boolean; onRevoke: () => void }) {
  const navigate = route.useNavigate();
  return (
    <Menu label={text.actions(name)} button={<Ellipsis size={17} aria-hidden="true" />} buttonClass={style.dots}>
      <MenuItem onSelect={() => void navigate({ to: '/keys/$id', params: { id } })}>
        <KeyRound size={15} aria-hidden="true" />
        {text.details}
      </MenuItem>
      {isMine && (
        <MenuItem onSelect={() => void navigate({ search: (before) => ({ ...before, rotate: id }) })}>
          <RefreshCw size={15} aria-hidden="true" />
          {text.rotateItem}
        </MenuItem>
      )}
      <MenuItem bad onSelect={onRevoke}>
        <ShieldOff size={15} aria-hidden="true" />
        {text.revokeItem}
      </MenuItem>
    </Menu>
  );
}
