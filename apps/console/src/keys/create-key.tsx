import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { type Answer, api, type Item } from '../api/client.ts';
import { now } from '../api/clock.ts';
import { renew } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Choice, Field, Select, TextArea } from '../parts/field.tsx';
import { Form, type Values } from '../parts/form.tsx';
import { Notice } from '../parts/notice.tsx';
import { onDay } from '../parts/when.tsx';
import { useOrganization } from '../context/organization.ts';
import { common } from '../texts/common.ts';
import { key as words } from '../texts/key.ts';
import { keys } from '../texts/keys.ts';
import { Lost, Reveal } from './reveal.tsx';
import style from './create-key.module.css';

const DAY_MS = 86_400_000;
const EXPIRES_IN_DAYS = '90';
const SCOPES = ['jobs:read', 'jobs:write'] as const;
const { creating: text } = words;

interface CreateKeyProps {
  projects: readonly Item<'/v1/organizations/:id/projects'>[];
  /** The key that the address says was made here. */
  made: string | undefined;
  onMade: (id: string) => void;
  onClose: () => void;
}

/** The secret lives in this component's state and nowhere else: in no cache, no address, no storage, no log. */
export function CreateKey({ projects, made, onMade, onClose }: CreateKeyProps) {
  const queries = useQueryClient();
  const [answer, keep] = useState<Answer<'POST', '/v1/keys'>>();
  const sent = useRef<{ once: string; body: ReturnType<typeof bodyOf> }>(undefined);
  const create = async (values: Values, once: string) => {
    // What is sent again is the same to the byte: a day is counted from the first time.
    if (sent.current?.once !== once) sent.current = { once, body: bodyOf(values) };
    const told = await api.post('/v1/keys', sent.current);
    keep(told);
    onMade(told.key.id);
    await renew(queries, 'keys');
  };
  if (answer)
    return (
      <Dialog title={words.reveal.title(answer.key.name)} onClose={onClose} held>
        <Reveal of={answer} onClose={onClose} />
      </Dialog>
    );
  if (made !== undefined)
    return (
      <Dialog title={words.reveal.lost.title} onClose={onClose} size="s">
        <Lost id={made} onClose={onClose} />
      </Dialog>
    );
  return (
    <Dialog title={text.title} onClose={onClose}>
      <Form
        onSubmit={create}
        refusal={({ code }) =>
          code === 'key/secret-already-issued' ? <Notice tone="warn">{text.secretLost}</Notice> : undefined
        }
      >
        <Fields projects={projects} />
        <DialogFoot>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="solid" type="submit" writes>
            {keys.create}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}

function Fields({ projects }: Pick<CreateKeyProps, 'projects'>) {
  const [expires, expire] = useState<string>(EXPIRES_IN_DAYS);
  const [day, choose] = useState('');
  const { current } = useOrganization();
  const open = projects.filter(({ status, ...project }) => status === 'active' && isMine(project));
  const at = expiryOf(expires, day);
  return (
    <>
      <Field
        label={text.name}
        name="name"
        data-first
        autoComplete="off"
        maxLength={100}
        placeholder={text.namePlaceholder}
        hint={text.nameHint}
      />
      <Select label={text.project} name="projectId" hint={text.projectHint}>
        {open.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      <Choice
        label={text.expires}
        name="expires"
        choices={text.expiries}
        value={expires}
        onChange={expire}
        hint={at === undefined ? (expires === '' ? text.never : '') : text.on(onDay(at))}
      />
      {expires === 'date' && (
        <Field
          label={text.day}
          name="expiresAt"
          type="date"
          required
          min={new Date(now() + DAY_MS).toISOString().slice(0, 10)}
          value={day}
          onChange={(event) => {
            choose(event.target.value);
          }}
        />
      )}
      <details className={style.limit}>
        <summary>{text.limit}</summary>
        <fieldset className={style.scopes}>
          <legend>{text.scopes}</legend>
          {[...SCOPES, ...(current?.role === 'owner' ? (['events:read'] as const) : [])].map((scope) => (
            <label key={scope}>
              <input type="checkbox" name="scopes" value={scope} defaultChecked={scope !== 'events:read'} />
              {text.scopeNames[scope]} <code>{scope}</code>
            </label>
          ))}
        </fieldset>
        <TextArea
          label={text.addresses}
          name="addresses"
          hint={text.addressesHint}
          rows={2}
          spellCheck={false}
          autoComplete="off"
        />
      </details>
    </>
  );
}

/** Owners see projects that they are not in; keys are made by members. */
const isMine = (project: object) => !('member' in project) || project.member === true;

const expiryOf = (expires: string, day: string): string | undefined => {
  if (expires === '') return undefined;
  if (expires === 'date') return day === '' ? undefined : `${day}T23:59:59Z`;
  return new Date(now() + Number(expires) * DAY_MS).toISOString();
};

function bodyOf(values: Values) {
  const expiresAt = expiryOf(values.text('expires'), values.text('expiresAt'));
  const addresses = values
    .text('addresses')
    .split(/[\s,]+/)
    .filter((each) => each !== '');
  return {
    name: values.text('name'),
    projectId: values.text('projectId'),
    scopes: values.all('scopes'),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(addresses.length === 0 ? {} : { addresses }),
  };
}
