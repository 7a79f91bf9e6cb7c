import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Answer, api } from '../api/client.ts';
import { members, renew } from '../api/queries.ts';
import { useWhole } from '../context/whole.ts';
import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Choice, Field, Select } from '../parts/field.tsx';
import { Form, type Values } from '../parts/form.tsx';
import { Notice } from '../parts/notice.tsx';
import { Row, Section } from '../parts/rows.tsx';
import { useProved } from '../shell/proof.tsx';
import { Listed } from '../states/listed.tsx';
import { common } from '../texts/common.ts';
import { singleSignOn } from '../texts/single-sign-on.ts';
import { type Connection, preview } from './organization.queries.ts';
import { ScimTokens } from './scim-tokens.tsx';
import style from './connection.module.css';

const { people: text } = singleSignOn;
type Preview = Answer<'GET', '/v1/connections/:id/preview'>;

export function PeopleStep({ of: it }: { of: Connection }) {
  const met = useQuery(preview(it.id));
  const [isUntying, untie] = useState(false);
  return (
    <>
      <Listed query={met} what={text.title} rows={4}>
        {(known) => <Met of={known} by={it} />}
      </Listed>
      <Settings of={it} />
      <Section title={text.ties}>
        <Row title={text.untie.row} text={text.untie.text}>
          <Button
            writes
            onClick={() => {
              untie(true);
            }}
          >
            {text.untie.item}
          </Button>
        </Row>
      </Section>
      <ScimTokens of={it} />
      {isUntying && (
        <Untie
          of={it}
          onClose={() => {
            untie(false);
          }}
        />
      )}
    </>
  );
}

function Met({ of: { governed, guests, heldBack, inviters }, by }: { of: Preview; by: Connection }) {
  const { breakGlassAccountId } = by.settings;
  const people = useInfiniteQuery(members(by.organizationId));
  const breakGlass = people.data?.items.find(({ accountId }) => accountId === breakGlassAccountId);
  return (
    <Section title={text.title}>
      {(
        [
          [text.governed(governed.count), text.governedText, governed],
          [text.guests(guests.count), text.guestsText, guests],
          [text.heldBack(heldBack.count), text.heldBackText, heldBack],
        ] as const
      ).map(([title, says, them]) => (
        <Row
          key={says}
          title={title}
          text={
            <>
              {says} {them.count > 0 && <bdi>{text.who(them.people, them.count)}</bdi>}
            </>
          }
        />
      ))}
      {breakGlassAccountId === null ? (
        <Row title={text.noBreakGlass} text={text.noBreakGlassText} />
      ) : (
        <Row title={<bdi>{text.breakGlass(breakGlass?.name ?? '')}</bdi>} text={text.breakGlassText} />
      )}
      {inviters.length > 0 && <Row title={text.inviters} text={text.who(inviters, inviters.length)} />}
    </Section>
  );
}

function Settings({ of: { id, organizationId, settings } }: { of: Connection }) {
  const queries = useQueryClient();
  const proved = useProved();
  const people = useInfiniteQuery(members(organizationId));
  useWhole(people);
  const owners = (people.data?.items ?? []).filter(({ role }) => role === 'owner');
  const [guests, choose] = useState<string>(settings.guests);
  const [isSaved, tell] = useState(false);
  const save = async (values: Values) => {
    tell(false);
    const breakGlass = values.text('breakGlassAccountId');
    await proved(() =>
      api.put('/v1/connections/:id/settings', {
        params: { id },
        body: {
          sessionHours: Number(values.text('sessionHours')),
          justInTime: values.has('justInTime'),
          guests: guests === 'none' ? 'none' : 'allowed',
          breakGlassAccountId: breakGlass === '' ? null : breakGlass,
        },
      }),
    );
    await renew(queries, 'connection', 'connections', 'record');
    tell(true);
  };
  return (
    <section className={style.step}>
      <h3>{text.settings}</h3>
      {/* The choice of an owner is there once the owners are. */}
      <Form onSubmit={save} key={String(people.isSuccess && !people.hasNextPage)}>
        <Select
          label={text.breakGlassLabel}
          name="breakGlassAccountId"
          hint={text.breakGlassHint}
          defaultValue={settings.breakGlassAccountId ?? ''}
        >
          <option value="">{text.breakGlassNone}</option>
          {owners.map(({ accountId, name, email }) => (
            <option key={accountId} value={accountId}>
              {`${name} · ${email}`}
            </option>
          ))}
        </Select>
        <Choice label={text.guestsLabel} name="guests" choices={text.guestChoices} value={guests} onChange={choose} />
        <Field
          label={text.sessionHours}
          name="sessionHours"
          type="number"
          min={1}
          max={720}
          defaultValue={settings.sessionHours}
          hint={text.sessionHoursHint}
        />
        <label className={style.check}>
          <input type="checkbox" name="justInTime" defaultChecked={settings.justInTime !== null} />
          <span>
            {text.justInTime}
            <small>{text.justInTimeHint}</small>
          </span>
        </label>
        <div role="status">{isSaved && <Notice tone="good">{text.saved}</Notice>}</div>
        <div>
          <Button type="submit" writes>
            {text.save}
          </Button>
        </div>
      </Form>
    </section>
  );
}

/** Nobody of the provider is the holder of this account any more. */
function Untie({ of: { id, organizationId }, onClose }: { of: Connection; onClose: () => void }) {
  const proved = useProved();
  const people = useInfiniteQuery(members(organizationId));
  useWhole(people);
  return (
    <Dialog title={text.untie.title} size="s" onClose={onClose}>
      <Form
        onSubmit={async (values, once) => {
          const body = { accountId: values.text('accountId') };
          await proved(() => api.post('/v1/connections/:id/unbind', { params: { id }, body, once }));
          onClose();
        }}
      >
        <Select label={text.untie.person} name="accountId" hint={text.untie.personHint}>
          {people.data?.items.map(({ accountId, name, email }) => (
            <option key={accountId} value={accountId}>
              {`${name} · ${email}`}
            </option>
          ))}
        </Select>
        <DialogFoot>
          <Button onClick={onClose} data-first>
            {common.cancel}
          </Button>
          <Button look="bad" type="submit" writes>
            {text.untie.act}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}
