import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Fingerprint, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { type Answer, api } from '../api/client.ts';
import { renew, security, sessions } from '../api/queries.ts';
import { hasPasskeys, isGivenUp, makePasskey } from '../context/passkeys.ts';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Form, type Values } from '../parts/form.tsx';
import { useProved } from '../shell/proof.tsx';
import { common } from '../texts/common.ts';
import { settings } from '../texts/settings.ts';
import { Codes } from './codes.tsx';
import { listed } from './organizations.ts';
import { QrCode } from './qr-code.tsx';
import type { Security } from './security.ts';
import style from './add-factor.module.css';

const { multiFactor: text, app, passkey, codes: codesText } = settings;

interface FactorsProps {
  onClose: () => void;
}
type Pending = Answer<'POST', '/v1/account/authenticators'>;

const useRenewed = () => {
  const queries = useQueryClient();
  return () => renew(queries, 'security', 'sessions', 'start');
};

/** Has a passkey made and adds it; false: the person gave up. */
function useAddPasskey() {
  const proved = useProved();
  return async (name: string): Promise<boolean> => {
    const options = await proved(() => api.post('/v1/account/passkeys/options', { body: {} }));
    try {
      const response = await makePasskey(options);
      await proved(() => api.post('/v1/account/passkeys', { body: { name, response } }));
      return true;
    } catch (error) {
      if (isGivenUp(error)) return false;
      throw error;
    }
  };
}

/** What this browser is called, and so what is kept in it. */
function useDeviceName(): string {
  const { data } = useQuery(sessions);
  return data?.items.find(({ current }) => current)?.device || passkey.defaultName;
}

const useAppName = () => {
  const { data } = useQuery(security);
  return app.name((data?.factors ?? []).filter(({ kind }) => kind === 'authenticator').length);
};

/** Turns the second factor on, by what there is or by a new one, or off. The codes live in this component's state and nowhere else. */
export function MultiFactorDialog({ of: known, onClose }: FactorsProps & { of: Security }) {
  const [{ enabled, names, hasApi }] = useState({
    enabled: known.multiFactor.enabled,
    names: known.factors.map(({ name }) => `“${name}”`),
    hasApi: known.passkeys && hasPasskeys,
  });
  const [codes, keep] = useState<readonly string[]>();
  const [byApp, chooseApp] = useState(false);
  const proved = useProved();
  const renewed = useRenewed();
  const addPasskey = useAddPasskey();
  const device = useDeviceName();
  const turn = async (isOn: boolean) => {
    const told = await proved(() => api.put('/v1/account/multi-factor', { body: { enabled: isOn } }));
    if (isOn) keep(told.codes);
    await renewed();
    if (!isOn) onClose();
  };
  if (codes) return <Shown codes={codes} onClose={onClose} />;
  if (byApp) return <AuthenticatorDialog onClose={onClose} />;
  if (enabled)
    return (
      <Dialog title={text.offTitle} onClose={onClose} size="s">
        <Form onSubmit={() => turn(false)}>
          <p>{text.offText}</p>
          <DialogFoot>
            <Button onClick={onClose} data-first>
              {common.keepIt}
            </Button>
            <Button look="bad" type="submit" writes>
              {text.turnOff}
            </Button>
          </DialogFoot>
        </Form>
      </Dialog>
    );
  if (names.length > 0)
    return (
      <Dialog title={text.onTitle} onClose={onClose} size="s">
        <Form onSubmit={() => turn(true)}>
          <p>{text.have(listed(names))}</p>
          <DialogFoot>
            <Button onClick={onClose}>{common.cancel}</Button>
            <Button look="solid" type="submit" writes data-first>
              {text.turnOn}
            </Button>
          </DialogFoot>
        </Form>
      </Dialog>
    );
  return (
    <Dialog title={text.onTitle} onClose={onClose} size="s">
      <p>{text.choose}</p>
      <Form
        onSubmit={async () => {
          if (await addPasskey(device)) await turn(true);
        }}
      >
        <button
          type="button"
          className={style.way}
          data-first
          onClick={() => {
            chooseApp(true);
          }}
        >
          <Smartphone size={18} aria-hidden="true" />
          <span>
            <strong>{text.byApp}</strong>
            <small>{text.byAppText}</small>
          </span>
        </button>
        {hasApi && (
          <button type="submit" className={style.way}>
            <Fingerprint size={18} aria-hidden="true" />
            <span>
              <strong>{text.byPasskey}</strong>
              <small>{text.byPasskeyText}</small>
            </span>
          </button>
        )}
        <DialogFoot>
          <Button onClick={onClose}>{common.cancel}</Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}

/** Shows the secret of a new authenticator, this once, and takes its first code. */
export function AuthenticatorDialog({ onClose }: FactorsProps) {
  const proved = useProved();
  const renewed = useRenewed();
  const name = useAppName();
  const [pending, wait] = useState<Pending>();
  const [codes, keep] = useState<readonly string[]>();
  if (codes) return <Shown codes={codes} onClose={onClose} />;
  const begin = async () => {
    wait(await proved(() => api.post('/v1/account/authenticators', { body: { name } })));
  };
  const confirm = async ({ id }: Pending, values: Values) => {
    const told = await proved(() =>
      api.post('/v1/account/authenticators/:id/confirm', { params: { id }, body: { code: values.text('code') } }),
    );
    if (told.codes.length > 0) keep(told.codes);
    await renewed();
    if (told.codes.length === 0) onClose();
  };
  return (
    <Dialog title={app.title} onClose={onClose} size="s">
      {pending ? (
        <Form key={pending.id} onSubmit={(values) => confirm(pending, values)}>
          <p>{app.scan}</p>
          <QrCode of={pending.uri} label={app.qr} />
          <div className={style.secret}>
            <p>
              {app.secret}
              <code>{pending.secret.replaceAll(/.{4}(?=.)/g, '$& ')}</code>
            </p>
            <CopyButton text={pending.secret} what={app.what} />
          </div>
          <Field
            label={app.code}
            name="code"
            hint={app.codeHint}
            inputMode="numeric"
            autoComplete="one-time-code"
            data-secret
            autoFocus
          />
          <DialogFoot>
            <Button onClick={onClose}>{common.cancel}</Button>
            <Button look="solid" type="submit" writes>
              {app.add}
            </Button>
          </DialogFoot>
        </Form>
      ) : (
        <Form key="begin" onSubmit={begin}>
          <p>{app.lead}</p>
          <DialogFoot>
            <Button onClick={onClose}>{common.cancel}</Button>
            <Button look="solid" type="submit" writes data-first>
              {common.continue}
            </Button>
          </DialogFoot>
        </Form>
      )}
    </Dialog>
  );
}

export function PasskeyDialog({ onClose }: FactorsProps) {
  const addPasskey = useAddPasskey();
  const renewed = useRenewed();
  const device = useDeviceName();
  const [isGivenUp, giveUp] = useState(false);
  return (
    <Dialog title={passkey.addTitle} onClose={onClose} size="s">
      <Form
        onSubmit={async (values) => {
          giveUp(false);
          const isAdded = await addPasskey(values.text('name'));
          giveUp(!isAdded);
          if (!isAdded) return;
          await renewed();
          onClose();
        }}
      >
        <p>{passkey.addLead}</p>
        <Field
          label={passkey.name}
          name="name"
          hint={passkey.nameHint}
          defaultValue={device}
          maxLength={100}
          autoComplete="off"
          data-first
        />
        <p role="status" className={style.told}>
          {isGivenUp ? passkey.givenUp : ''}
        </p>
        <DialogFoot>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="solid" type="submit" writes>
            {common.continue}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}

/** New recovery codes in place of the old ones. */
export function CodesDialog({ onClose }: FactorsProps) {
  const proved = useProved();
  const renewed = useRenewed();
  const [codes, keep] = useState<readonly string[]>();
  if (codes) return <Shown codes={codes} onClose={onClose} />;
  return (
    <Dialog title={codesText.renewTitle} onClose={onClose} size="s">
      <Form
        onSubmit={async () => {
          const told = await proved(() => api.post('/v1/account/recovery-codes', { body: {} }));
          keep(told.codes);
          await renewed();
        }}
      >
        <p>{codesText.renewText}</p>
        <DialogFoot>
          <Button onClick={onClose} data-first>
            {codesText.keep}
          </Button>
          <Button look="solid" type="submit" writes>
            {codesText.renew}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}

const Shown = ({ codes, onClose }: FactorsProps & { codes: readonly string[] }) => (
  <Dialog title={codesText.showTitle} onClose={onClose} size="s" held>
    <Codes of={codes} onClose={onClose} />
  </Dialog>
);
