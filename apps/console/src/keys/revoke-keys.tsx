import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Item, Refusal } from '../api/client.ts';
import { now } from '../api/clock.ts';
import { renew } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Facts } from '../parts/facts.tsx';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { Person } from '../parts/person.tsx';
import { ago, atSecond } from '../parts/when.tsx';
import { common } from '../texts/common.ts';
import { key as words } from '../texts/key.ts';
import style from './revoke-keys.module.css';

const JUST_NOW_MS = 300_000;
const { revoke: text } = words;
type Key = Item<'/v1/keys'>;

interface Outcome {
  tookMs: number;
  at: string;
}

/** One key or several. It says how long it took until no gateway accepted them: the promise, in figures. */
export function RevokeKeys({ of, onClose }: { of: readonly Key[]; onClose: () => void }) {
  const queries = useQueryClient();
  const [isBusy, work] = useState(false);
  const [reason, write] = useState('');
  const [done, finish] = useState<Outcome>();
  const [refused, refuse] = useState<string>();
  const [first] = of;
  const isOne = of.length === 1;
  if (!first) return null;
  const revoke = async () => {
    work(true);
    refuse(undefined);
    try {
      // Revoking again what is revoked answers the same: after a lost connection all are asked anew.
      const took: number[] = [];
      for (const { id } of of)
        took.push(
          (await api.post('/v1/keys/:id/revoke', { params: { id }, body: reason === '' ? {} : { reason } })).tookMs,
        );
      finish({ tookMs: Math.max(...took), at: new Date(now()).toISOString() });
    } catch (error) {
      refuse(sayingOf(error));
    } finally {
      work(false);
      await renew(queries, 'keys', 'key');
    }
  };
  if (done)
    return (
      <Dialog title={isOne ? text.done(first.name) : text.doneMany(of.length)} onClose={onClose} size="s">
        <p className={style.took}>
          <strong>{done.tookMs.toLocaleString('en', { maximumFractionDigits: 1 })}</strong> {text.ms}
        </p>
        <p role="status">{(isOne ? text.at : text.atMany)(atSecond(done.at))}</p>
        <DialogFoot>
          <Button look="solid" onClick={onClose} data-first>
            {common.done}
          </Button>
        </DialogFoot>
      </Dialog>
    );
  return (
    <Dialog title={isOne ? text.title(first.name) : text.titleMany(of.length)} onClose={onClose} size="s">
      <p>{isOne ? text.text : text.textMany}</p>
      {isOne ? (
        <Facts
          of={[
            [text.key, <code>{first.start}</code>],
            [text.project, <bdi>{first.projectName}</bdi>],
            [text.belongsTo, <Person name={first.accountName} />],
            [text.lastUsed, <LastUse at={first.lastUsedAt} />],
          ]}
        />
      ) : (
        <Facts
          of={of.map(({ name, start, lastUsedAt }) => [
            name,
            <span>
              <code>{start}</code> <LastUse at={lastUsedAt} />
            </span>,
          ])}
        />
      )}
      <Field
        label={text.reason}
        value={reason}
        maxLength={200}
        autoComplete="off"
        hint={text.reasonHint}
        onChange={(event) => {
          write(event.target.value);
        }}
      />
      <div role="alert">{refused !== undefined && <Notice tone="bad">{refused}</Notice>}</div>
      <DialogFoot>
        <Button onClick={onClose} data-first>
          {common.keepIt}
        </Button>
        <Button look="bad" writes busy={isBusy} onClick={() => void revoke()}>
          {isOne ? text.act : text.actMany(of.length)}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

/** Amber when something uses it now. */
const LastUse = ({ at }: { at: string | null }) => (
  <span className={at !== null && now() - Date.parse(at) < JUST_NOW_MS ? style.busy : ''}>
    {at === null ? common.never : ago(at)}
  </span>
);

function sayingOf(error: unknown): string {
  if (!(error instanceof Refusal)) return text.unreachable;
  const { code, detail, requestId } = error.problem;
  return code === 'key/not-enforced' ? text.notConfirmed : `${detail} ${common.request} ${requestId}.`;
}
