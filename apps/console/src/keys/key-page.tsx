import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { type Answer, api } from '../api/client.ts';
import { now } from '../api/clock.ts';
import { key as keyQuery, keyUses, renew } from '../api/queries.ts';
import { AskText } from '../parts/ask-text.tsx';
import { Back } from '../parts/back.tsx';
import { Button } from '../parts/button.tsx';
import { Facts } from '../parts/facts.tsx';
import { useTitle } from '../parts/page.tsx';
import { Person } from '../parts/person.tsx';
import { lastDays, Roll } from '../parts/roll.tsx';
import { ThingHead } from '../parts/thing.tsx';
import { onDay, When } from '../parts/when.tsx';
import { useMe, useOrganization } from '../context/organization.ts';
import { jobs } from '../jobs/jobs.queries.ts';
import { JobsTable } from '../jobs/jobs-table.tsx';
import { More } from '../parts/more.tsx';
import { Events } from '../record/events.tsx';
import { record } from '../record/record.queries.ts';
import { Listed } from '../states/listed.tsx';
import { common } from '../texts/common.ts';
import { key as words } from '../texts/key.ts';
import { keys } from '../texts/keys.ts';
import { KeyDialogs } from './key-dialogs.tsx';
import { KeyStatus } from './key-status.tsx';
import style from './key-page.module.css';

const RevokeKeys = lazy(() => import('./revoke-keys.tsx').then(({ RevokeKeys: it }) => ({ default: it })));
const DAYS = 90;
const JOBS_SHOWN = 5;
const { detail: text } = words;
const route = getRouteApi('/inside/keys/$id');

type Key = Answer<'GET', '/v1/keys/:id'>;

export function KeyPage() {
  const { id } = route.useParams();
  const key = useQuery(keyQuery(id));
  useTitle(key.data?.name ?? keys.title);
  return (
    <>
      <Back to="/keys" text={text.back} />
      <Listed query={key} what={keys.list}>
        {(known) => <Detail of={known} />}
      </Listed>
      <KeyDialogs />
    </>
  );
}

function Detail({ of: key }: { of: Key }) {
  const navigate = route.useNavigate();
  const { account } = useMe();
  const { current } = useOrganization();
  const [opened, open] = useState<'revoke' | 'rename'>();
  const isMine = key.accountId === account.id;
  const close = () => {
    open(undefined);
  };
  return (
    <div className={style.page}>
      <ThingHead
        name={<bdi>{key.name}</bdi>}
        of={
          <>
            <code>{key.start}</code> <KeyStatus of={key} />
          </>
        }
      >
        {key.status === 'active' && (
          <>
            {isMine && (
              <>
                <Button
                  writes
                  onClick={() => {
                    open('rename');
                  }}
                >
                  {text.rename}
                </Button>
                <Button writes onClick={() => void navigate({ search: (before) => ({ ...before, rotate: key.id }) })}>
                  {words.rotate.act}
                </Button>
              </>
            )}
            {(isMine || current?.role === 'owner') && (
              <Button
                look="bad"
                writes
                onClick={() => {
                  open('revoke');
                }}
              >
                {words.revoke.act}
              </Button>
            )}
          </>
        )}
      </ThingHead>
      <Use of={key} />
      <section>
        <h2>{text.facts}</h2>
        <Facts of={factsOf(key)} />
      </section>
      <Jobs of={key} />
      {current?.role === 'owner' && <Activity of={key} organizationId={current.id} />}
      <Suspense>
        {opened === 'revoke' && <RevokeKeys of={[key]} onClose={close} />}
        {opened === 'rename' && <Rename of={key} onClose={close} />}
      </Suspense>
    </div>
  );
}

function Use({ of: { id } }: { of: Key }) {
  const { data } = useQuery(keyUses(id, DAYS));
  const used = data?.items ?? [];
  return (
    <section>
      <h2>{text.use}</h2>
      <p className={style.lead}>{text.useLead}</p>
      <div className={style.roll}>
        <Roll days={lastDays(DAYS, now()).map((day) => used.includes(day))} label={keys.usedOn(used.length, DAYS)} />
      </div>
      {data &&
        (used.length === 0 ? (
          <p className={style.lead}>{text.unused}</p>
        ) : (
          <details>
            <summary>{text.asTable}</summary>
            <ul className={style.days}>
              {used.toReversed().map((day) => (
                <li key={day}>
                  <time dateTime={day}>{onDay(day)}</time>
                </li>
              ))}
            </ul>
          </details>
        ))}
    </section>
  );
}

/** The newest jobs that were submitted with it. */
function Jobs({ of: { id } }: { of: Key }) {
  const { current } = useOrganization();
  const list = useInfiniteQuery({
    ...jobs({ organizationId: current?.id ?? '', keyId: id }, JOBS_SHOWN),
    enabled: current !== undefined,
  });
  return (
    <section>
      <h2>{text.jobs}</h2>
      <Listed query={list} what={text.jobs} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={style.lead}>{text.noJobs}</p>
          ) : (
            <>
              <JobsTable of={items.slice(0, JOBS_SHOWN)} />
              <p className={style.all}>
                <Link to="/jobs" search={{ key: id }}>
                  {text.allJobs}
                </Link>
              </p>
            </>
          )
        }
      </Listed>
    </section>
  );
}

/** What became of it, for owners: the record is theirs. */
function Activity({ of: { id }, organizationId }: { of: Key; organizationId: string }) {
  const list = useInfiniteQuery(record({ organizationId, keyId: id }));
  return (
    <section>
      <h2>{text.events}</h2>
      <Listed query={list} what={text.events} rows={2}>
        {({ items }) => (items.length === 0 ? <p className={style.lead}>{text.noEvents}</p> : <Events of={items} />)}
      </Listed>
      <More of={list} />
    </section>
  );
}

/** What is known of a key, without what does not apply to it. */
function factsOf(key: Key): (readonly [string, ReactNode])[] {
  const all: (readonly [string, ReactNode] | false)[] = [
    [text.createdBy, <Person name={key.accountName} />],
    [
      text.project,
      <Link to="/projects/$id" params={{ id: key.projectId }}>
        <bdi>{key.projectName}</bdi>
      </Link>,
    ],
    [text.created, <When at={key.createdAt} />],
    [text.expires, key.expiresAt === null ? common.never : <When at={key.expiresAt} />],
    [text.lastUsed, key.lastUsedAt === null ? common.never : <When at={key.lastUsedAt} />],
    [text.scopes, key.scopes.map((scope) => <code key={scope}>{scope}</code>)],
    [
      text.addresses,
      key.addresses.length === 0 ? text.everywhere : key.addresses.map((each) => <code key={each}>{each}</code>),
    ],
    key.revokedAt !== null && [text.revoked, <Revoked of={key} at={key.revokedAt} />],
    key.revokeNote !== null && [text.note, <bdi>{key.revokeNote}</bdi>],
    key.replaces !== null && [
      text.replaces,
      <Link to="/keys/$id" params={{ id: key.replaces }}>
        {text.openKey}
      </Link>,
    ],
    key.replacedBy !== null && [
      text.replacedBy,
      <Link to="/keys/$id" params={{ id: key.replacedBy }}>
        {text.openNewer}
      </Link>,
    ],
  ];
  return all.filter((fact) => fact !== false);
}

const Revoked = ({ of: { revokedBy, revokedFor }, at }: { of: Key; at: string }) => (
  <span>
    <When at={at} /> {revokedFor !== null && text.reasons[revokedFor]}{' '}
    {revokedBy !== null && revokedBy.name !== '' && <bdi>{text.revokedBy(revokedBy.name)}</bdi>}
  </span>
);

function Rename({ of: { id, name }, onClose }: { of: Key; onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <AskText
      title={text.renameTitle(name)}
      label={words.creating.name}
      value={name}
      onSave={async (typed) => {
        await api.put('/v1/keys/:id/name', { params: { id }, body: { name: typed } });
        await renew(queries, 'keys', 'key');
      }}
      onClose={onClose}
    />
  );
}
