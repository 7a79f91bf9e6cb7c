import { api } from '../api/client.ts';
import { useMe } from '../context/organization.ts';
import { hasPasskeys, isGivenUp, showPasskey } from '../context/passkeys.ts';
import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Field, PasswordField } from '../parts/field.tsx';
import { Form, type Values } from '../parts/form.tsx';
import { common } from '../texts/common.ts';
import { proof as text } from '../texts/proof.ts';

/** Asks for what the session takes as a proof. `onEnd` says whether one was given. */
export function ProofDialog({ accepts, onEnd }: { accepts: readonly string[]; onEnd: (isProved: boolean) => void }) {
  const { account } = useMe();
  const takes = (way: string) => accepts.includes(way);
  const takesTyped = takes('password') || takes('totp');
  const typed = async (values: Values) => {
    const [password, code] = ['password', 'code'].map((name) => values.text(name));
    await api.post('/v1/sessions/current/prove', {
      body: { ...(password ? { password } : {}), ...(code ? { code } : {}) },
    });
    onEnd(true);
  };
  const byPasskey = async () => {
    try {
      const options = await api.post('/v1/sessions/current/prove/options', { body: {} });
      await api.post('/v1/sessions/current/prove', { body: { passkey: await showPasskey(options) } });
      onEnd(true);
    } catch (error) {
      if (!isGivenUp(error)) throw error;
    }
  };
  const atProvider = async () => {
    const { location: to } = await api.post('/v1/single-sign-on/start', {
      body: { email: account.email, purpose: 'prove', returnTo: location.pathname + location.search },
    });
    location.assign(to);
  };
  return (
    <Dialog
      title={text.title}
      size="s"
      onClose={() => {
        onEnd(false);
      }}
    >
      <p>{text.lead}</p>
      {takes('passkey') && hasPasskeys && (
        <Form onSubmit={byPasskey}>
          <Button look={takesTyped ? 'plain' : 'solid'} type="submit" writes>
            {text.passkey}
          </Button>
        </Form>
      )}
      {takes('sso') && (
        <Form onSubmit={atProvider}>
          <Button look={takesTyped ? 'plain' : 'solid'} type="submit" writes>
            {text.provider}
          </Button>
          <p>{text.providerHint}</p>
        </Form>
      )}
      {takesTyped ? (
        <Form onSubmit={typed}>
          {takes('password') && (
            <PasswordField label={text.password} name="password" autoComplete="current-password" data-first />
          )}
          {takes('totp') && (
            <Field label={text.code} name="code" inputMode="numeric" autoComplete="one-time-code" data-secret />
          )}
          <DialogFoot>
            <Button
              onClick={() => {
                onEnd(false);
              }}
            >
              {common.cancel}
            </Button>
            <Button look="solid" type="submit" writes>
              {text.act}
            </Button>
          </DialogFoot>
        </Form>
      ) : (
        <DialogFoot>
          <Button
            onClick={() => {
              onEnd(false);
            }}
          >
            {common.cancel}
          </Button>
        </DialogFoot>
      )}
    </Dialog>
  );
}
