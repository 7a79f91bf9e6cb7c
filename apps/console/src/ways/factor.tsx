import { useState } from 'react';
import { api } from '../api/client.ts';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { ways } from '../texts/ways.ts';
import { Card } from './card.tsx';
import { isOverBy } from './over.tsx';
import { hasPasskeys } from '../context/passkeys.ts';
import { type Enter, PasskeyForm } from './sign-in.tsx';
import style from './ways.module.css';

const { factor: text } = ways;
type Way = 'totp' | 'recovery-code' | 'passkey' | 'lost';

interface FactorProps {
  accepts: readonly string[];
  enter: Enter;
  /** The sign-in waits no longer. */
  onOver: () => void;
}

/** A second factor, whichever is at hand. */
export function Factor({ accepts, enter, onOver }: FactorProps) {
  const can = (way: string) => accepts.includes(way) && (way !== 'passkey' || hasPasskeys);
  const [way, choose] = useState<Way>(can('totp') ? 'totp' : can('passkey') ? 'passkey' : 'recovery-code');
  const waiting: Enter = async (asked) => {
    try {
      await enter(asked);
    } catch (error) {
      if (isOverBy(error)) onOver();
      else throw error;
    }
  };
  if (way === 'lost')
    return (
      <Lost
        onFound={() => {
          choose(can('totp') ? 'totp' : 'recovery-code');
        }}
      />
    );
  const others = (['totp', 'recovery-code', 'lost'] as const).filter(
    (each) => each !== way && (each === 'lost' || can(each)),
  );
  return (
    <Card title={text.title} lead={way === 'passkey' ? text.passkeyOnly : text.lead}>
      {way !== 'passkey' && <Code key={way} way={way} enter={waiting} />}
      {can('passkey') && <PasskeyForm which="second" enter={waiting} look={way === 'passkey' ? 'solid' : 'plain'} />}
      <ul className={style.others}>
        {others.map((each) => (
          <li key={each}>
            <button
              type="button"
              className={style.link}
              onClick={() => {
                choose(each);
              }}
            >
              {{ 'totp': text.authenticator, 'recovery-code': text.recovery, 'lost': text.lost }[each]}
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** One field: six digits are an authenticator's, whatever was meant to stand here, and anything else a recovery code. */
const Code = ({ way, enter }: { way: 'totp' | 'recovery-code'; enter: Enter }) => (
  <Form
    onSubmit={(values) => {
      const code = values.text('code');
      const isTotp = /^\d{6}$/.test(code.normalize('NFKC').replaceAll(/\s/g, ''));
      const path = isTotp ? '/v1/sessions/half/totp' : '/v1/sessions/half/recovery-code';
      return enter(api.post(path, { body: { code } }));
    }}
  >
    {way === 'totp' ? (
      <Field
        label={text.code}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        className={style.code}
        autoFocus
      />
    ) : (
      <Field
        label={text.recoveryCode}
        name="code"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        hint={text.recoveryHint}
        data-secret
        autoFocus
      />
    )}
    <Button look="solid" type="submit" writes>
      {text.act}
    </Button>
  </Form>
);

function Lost({ onFound }: { onFound: () => void }) {
  const [isSent, send] = useState(false);
  return (
    <Card title={text.lostTitle} lead={isSent ? undefined : text.lostLead}>
      {isSent ? (
        <p role="status">{text.lostSent}</p>
      ) : (
        <Form
          onSubmit={async () => {
            await api.post('/v1/factor-recoveries', { body: {} });
            send(true);
          }}
        >
          <Button look="solid" type="submit" writes>
            {text.lostAct}
          </Button>
        </Form>
      )}
      <Button look="quiet" onClick={onFound}>
        {text.keep}
      </Button>
    </Card>
  );
}
