import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Notice } from '../parts/notice.tsx';
import { Row, Section } from '../parts/rows.tsx';
import { useProved } from '../shell/proof.tsx';
import { singleSignOn } from '../texts/single-sign-on.ts';
import { type Connection, domains, preview } from './organization.queries.ts';
import style from './connection.module.css';

const { on: text, people } = singleSignOn;

export function OnStep({ of: it }: { of: Connection }) {
  const { data } = useQuery(domains(it.organizationId));
  const [opened, open] = useState<'on' | 'off' | 'remove'>();
  const opener = (which: typeof opened) => () => {
    open(which);
  };
  const close = opener(undefined);
  const isOn = it.status === 'enforced' && it.enforcedConfiguration === it.configuration && it.endsAt === null;
  const [isLater, later] = useState(false);
  return (
    <>
      <div role="status">
        {isOn && <Notice tone="good">{text.isOn}</Notice>}
        {isLater && <Notice tone="calm">{text.later}</Notice>}
      </div>
      {!isOn && (
        <Section title={text.before}>
          <Ready name={text.ready.domain} is={data?.items.some(({ status }) => status === 'verified') === true} />
          <Ready name={text.ready.test} is={it.tested !== null} />
          <Ready name={text.ready.breakGlass} is={it.settings.breakGlassAccountId !== null} isAdvised />
          <Row title={text.title} text={text.lead}>
            <Button look="solid" writes onClick={opener('on')}>
              {text.act}
            </Button>
          </Row>
        </Section>
      )}
      <Section title={text.manage}>
        {it.status === 'enforced' && (
          <Row title={text.off} text={text.offRow}>
            <Button writes onClick={opener('off')}>
              {text.off}
            </Button>
          </Row>
        )}
        <Row title={text.remove} text={text.removeRow}>
          <Button writes onClick={opener('remove')}>
            {text.remove}
          </Button>
        </Row>
      </Section>
      {opened === 'on' && <TurnOn of={it} onLater={later} onClose={close} />}
      {opened === 'off' && <TurnOff of={it} onClose={close} />}
      {opened === 'remove' && <Remove of={it} onClose={close} />}
    </>
  );
}

const Ready = ({ name, is, isAdvised = false }: { name: string; is: boolean; isAdvised?: boolean }) => (
  <Row title={name}>
    <Chip tone={is ? 'good' : 'warn'}>
      {is ? text.missing.yes : isAdvised ? text.missing.advised : text.missing.no}
    </Chip>
  </Row>
);

interface DialogProps {
  of: Connection;
  onClose: () => void;
}
const CHANGED = ['connection', 'connections', 'members', 'record'];

function TurnOn({ of: { id }, onLater, onClose }: DialogProps & { onLater: (isLater: boolean) => void }) {
  const queries = useQueryClient();
  const proved = useProved();
  const { data } = useQuery(preview(id));
  return (
    <Confirm
      title={text.question}
      act={text.act}
      look="solid"
      onAct={async (once) => {
        const { enforced } = await proved(() =>
          api.post('/v1/connections/:id/enforce', { params: { id }, body: {}, once }),
        );
        onLater(!enforced);
        await renew(queries, ...CHANGED);
      }}
      onClose={onClose}
    >
      {data && (
        <p>
          <strong>
            {people.governed(data.governed.count)}, {people.guests(data.guests.count)}.
          </strong>
        </p>
      )}
      <p className={style.lead}>{text.lead}</p>
    </Confirm>
  );
}

function TurnOff({ of: { id, name }, onClose }: DialogProps) {
  const queries = useQueryClient();
  const proved = useProved();
  return (
    <Confirm
      title={text.offTitle(name)}
      act={text.offAct}
      onAct={async (once) => {
        await proved(() => api.post('/v1/connections/:id/turn-off', { params: { id }, body: {}, once }));
        await renew(queries, ...CHANGED);
      }}
      onClose={onClose}
    >
      <p>{text.offText}</p>
    </Confirm>
  );
}

function Remove({ of: { id, name }, onClose }: DialogProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const proved = useProved();
  return (
    <Confirm
      title={text.removeTitle(name)}
      act={text.removeAct}
      onAct={async (once) => {
        await proved(() => api.post('/v1/connections/:id/remove', { params: { id }, body: {}, once }));
        await navigate({ to: '/organization/single-sign-on' });
        await renew(queries, 'connections', 'members', 'record');
      }}
      onClose={onClose}
    >
      <p>{text.removeText}</p>
    </Confirm>
  );
}
