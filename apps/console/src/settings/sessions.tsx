import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { LaptopMinimal, Smartphone } from 'lucide-react';
import { useId, useState } from 'react';
import { api, type Item } from '../api/client.ts';
import { renew, sessions, start } from '../api/queries.ts';
import { useMe } from '../context/organization.ts';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { Switch } from '../parts/field.tsx';
import { Row, Section } from '../parts/rows.tsx';
import { When } from '../parts/when.tsx';
import { Listed } from '../states/listed.tsx';
import { settings } from '../texts/settings.ts';
import { Refused, saying, useAct } from './act.tsx';
import { listed, useTimeOutDemands } from './organizations.ts';
import style from './settings-page.module.css';

const { sessions: text } = settings;
type Session = Item<'/v1/sessions'>;

export function Sessions() {
  const query = useQuery(sessions);
  const { confined } = useMe().session;
  const [told, tell] = useState('');
  return (
    <Section id="sessions" title={text.title}>
      {!confined && <TimeOut />}
      <Listed query={query} what={text.title}>
        {({ items }) => (
          <List
            of={items}
            onEnded={(n) => {
              tell(text.ended(n));
            }}
          />
        )}
      </Listed>
      <p role="status" className={style.told}>
        {told}
      </p>
    </Section>
  );
}

/** The switch follows the finger, and goes back where the server says no. */
function TimeOut() {
  const { idleTimeout } = useMe().account;
  const id = useId();
  const queries = useQueryClient();
  const demanders = useTimeOutDemands(idleTimeout.requiredByOrganization);
  const set = useMutation({
    mutationFn: (enabled: boolean) => api.put('/v1/account/idle-timeout', { body: { enabled } }),
    onSuccess: async (account) => {
      queries.setQueryData(start.queryKey, (before) => before && { ...before, account });
      // Its sessions have another end now.
      await renew(queries, 'start');
    },
  });
  const isRequired = idleTimeout.requiredByOrganization;
  return (
    <>
      <Row
        title={text.timeOut}
        textId={id}
        text={
          isRequired
            ? text.timeOutLocked(demanders.length === 0 ? text.organization : listed(demanders), idleTimeout.minutes)
            : text.timeOutText(idleTimeout.minutes)
        }
      >
        <Switch
          label={text.timeOut}
          describedBy={id}
          checked={isRequired || (set.isPending ? set.variables : idleTimeout.enabled)}
          busy={set.isPending}
          disabled={isRequired}
          onChange={(enabled) => {
            set.mutate(enabled);
          }}
        />
      </Row>
      <Refused by={{ refused: set.error ? saying(set.error) : undefined }} />
    </>
  );
}

function List({ of, onEnded }: { of: readonly Session[]; onEnded: (count: number) => void }) {
  const queries = useQueryClient();
  const ordered = of.toSorted(
    (a, b) => Number(b.current) - Number(a.current) || b.lastSeenAt.localeCompare(a.lastSeenAt),
  );
  const endOthers = useAct(async () => {
    const { ended } = await api.post('/v1/sessions/end-others', { body: {} });
    await renew(queries, 'sessions');
    onEnded(ended);
  });
  return (
    <>
      {ordered.map((session) => (
        <SessionRow key={session.id} of={session} onEnded={onEnded} />
      ))}
      {ordered.length > 1 && (
        <div className={style.foot}>
          <Button look="quiet" writes busy={endOthers.isBusy} onClick={endOthers.run}>
            {text.endOthers}
          </Button>
        </div>
      )}
      <Refused by={endOthers} />
    </>
  );
}

function SessionRow({ of, onEnded }: { of: Session; onEnded: (count: number) => void }) {
  const { id, current, device, network, methods, createdAt, lastSeenAt } = of;
  const queries = useQueryClient();
  const end = useAct(async () => {
    await api.post('/v1/sessions/:id/end', { params: { id }, body: {} });
    await renew(queries, 'sessions');
    onEnded(1);
  });
  const name = device === '' ? text.unknown : device;
  const Icon = /Android|iPhone|iOS/.test(device) ? Smartphone : LaptopMinimal;
  return (
    <Row
      title={
        current ? (
          <>
            {text.current} <Chip tone="good">{text.now}</Chip>
          </>
        ) : (
          name
        )
      }
      icon={<Icon size={18} aria-hidden="true" />}
      text={
        <>
          {[...(current ? [name] : []), network].filter((each) => each !== '').join(', ')}
          <br />
          {text.signedIn} <When at={createdAt} />{' '}
          {text.by(methods.map((method) => text.methods[method] ?? method).join(', '))}
          {!current && (
            <>
              , {text.lastSeen} <When at={lastSeenAt} />
            </>
          )}
          {end.refused !== undefined && <span role="alert"> {end.refused}</span>}
        </>
      }
    >
      {current ? undefined : (
        <Button writes busy={end.isBusy} onClick={end.run} aria-label={text.endWhich(name)}>
          {text.end}
        </Button>
      )}
    </Row>
  );
}
