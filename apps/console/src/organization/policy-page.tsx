import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Clock, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { type Answer, api } from '../api/client.ts';
import { now } from '../api/clock.ts';
import { members, renew } from '../api/queries.ts';
import { useWhole } from '../context/whole.ts';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { Row, Section } from '../parts/rows.tsx';
import { onDay } from '../parts/when.tsx';
import { useProved } from '../shell/proof.tsx';
import { Listed } from '../states/listed.tsx';
import { common } from '../texts/common.ts';
import { policy as text } from '../texts/organization.ts';
import { organization } from './organization.queries.ts';
import { OwnersOnly, Part } from './part.tsx';
import style from './organization.module.css';

const DAY_MS = 86_400_000;
const NOTICE_DAYS = 7;

type Detail = Answer<'GET', '/v1/organizations/:id'>;
type Opened = 'demand' | 'waive' | 'idle' | 'idle-waive';

export const PolicyPage = () => <OwnersOnly>{({ id }) => <Policy of={id} />}</OwnersOnly>;

function Policy({ of }: { of: string }) {
  const detail = useQuery(organization(of));
  return (
    <Part title={text.title} lead={text.lead}>
      <Listed query={detail} what={text.title} rows={2}>
        {(known) => <Demands of={known} />}
      </Listed>
    </Part>
  );
}

function Demands({ of }: { of: Detail }) {
  const { secondFactor, idleTimeout } = of;
  const [opened, open] = useState<Opened>();
  const opener = (which: Opened) => () => {
    open(which);
  };
  const close = () => {
    open(undefined);
  };
  return (
    <>
      <Section title={text.demands}>
        <Row
          icon={<ShieldCheck size={18} aria-hidden="true" />}
          title={<Named name={text.factor} isOn={secondFactor.required} />}
          text={factorText(secondFactor)}
        >
          <Button writes onClick={opener(secondFactor.required ? 'waive' : 'demand')}>
            {secondFactor.required ? text.waive : text.demand}
          </Button>
        </Row>
        <Row
          icon={<Clock size={18} aria-hidden="true" />}
          title={<Named name={text.idle} isOn={idleTimeout.required} />}
          text={idleTimeout.required ? text.idleOn : text.idleOff}
        >
          <Button writes onClick={opener(idleTimeout.required ? 'idle-waive' : 'idle')}>
            {idleTimeout.required ? text.waive : text.idleAct}
          </Button>
        </Row>
      </Section>
      {opened === 'demand' && <Demand of={of.id} onClose={close} />}
      {opened === 'waive' && <Waive of={of.id} onClose={close} />}
      {opened === 'idle' && <Idle of={of.id} required onClose={close} />}
      {opened === 'idle-waive' && <Idle of={of.id} required={false} onClose={close} />}
    </>
  );
}

const Named = ({ name, isOn }: { name: string; isOn: boolean }) => (
  <>
    {name} {isOn && <Chip tone="good">{common.on}</Chip>}
  </>
);

const factorText = ({ required, from }: Detail['secondFactor']) => {
  if (!required) return text.factorOff;
  if (from === null) return text.factorOn(onDay(new Date(now()).toISOString()));
  return Date.parse(from) > now() ? text.factorFrom(onDay(from)) : text.factorOn(onDay(from));
};

interface DialogProps {
  of: string;
  onClose: () => void;
}

function Demand({ of: id, onClose }: DialogProps) {
  const queries = useQueryClient();
  const proved = useProved();
  const people = useInfiniteQuery(members(id));
  useWhole(people);
  const without = people.data?.items.filter(({ secondFactor }) => secondFactor === false).map(({ name }) => name);
  // A day that begins sooner than 7 days from now would be refused.
  const first = new Date(now() + (NOTICE_DAYS + 1) * DAY_MS).toISOString().slice(0, 10);
  return (
    <Dialog title={text.demandTitle} size="s" onClose={onClose}>
      <Form
        onSubmit={async (values) => {
          const day = values.text('from');
          const body = { required: true, ...(day === '' ? {} : { from: `${day}T00:00:00Z` }) };
          await proved(() => api.put('/v1/organizations/:id/second-factor', { params: { id }, body }));
          await renew(queries, 'organization', 'record');
          onClose();
        }}
      >
        {without && (
          <p>
            <strong>{text.without(without, people.hasNextPage)}</strong>
          </p>
        )}
        <Field
          label={text.from}
          name="from"
          type="date"
          min={first}
          defaultValue={first}
          hint={text.fromHint}
          data-first
        />
        <p className={style.hint}>{text.yours}</p>
        <DialogFoot>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="solid" type="submit" writes>
            {text.demand}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}

function Waive({ of: id, onClose }: DialogProps) {
  const queries = useQueryClient();
  const proved = useProved();
  return (
    <Confirm
      title={text.waiveTitle}
      act={text.waive}
      look="solid"
      onAct={async () => {
        await proved(() =>
          api.put('/v1/organizations/:id/second-factor', { params: { id }, body: { required: false } }),
        );
        await renew(queries, 'organization', 'record');
      }}
      onClose={onClose}
    >
      <p>{text.waiveText}</p>
    </Confirm>
  );
}

function Idle({ of: id, required, onClose }: DialogProps & { required: boolean }) {
  const queries = useQueryClient();
  const proved = useProved();
  return (
    <Confirm
      title={required ? text.idleTitle : text.idleWaiveTitle}
      act={required ? text.idleAct : text.waive}
      look="solid"
      onAct={async () => {
        await proved(() => api.put('/v1/organizations/:id/idle-timeout', { params: { id }, body: { required } }));
        await renew(queries, 'organization', 'start', 'record');
      }}
      onClose={onClose}
    >
      <p>{required ? text.idleText : text.idleWaiveText}</p>
    </Confirm>
  );
}
