import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { api, Refusal } from '../api/client.ts';
import { hasPasskeys } from '../context/passkeys.ts';
import { Button } from '../parts/button.tsx';
import { Field, PasswordField } from '../parts/field.tsx';
import { Form, Said } from '../parts/form.tsx';
import { common } from '../texts/common.ts';
import { ways } from '../texts/ways.ts';
import { Card } from './card.tsx';
import { goToProvider, type Step } from './enter.ts';
import { byPasskey, canOffer } from './passkeys.ts';
import style from './ways.module.css';

const { signIn: text } = ways;

export type Enter = (asked: Promise<Step>, email?: string) => Promise<void>;
/** An address, and what it signs in by. */
export interface Known {
  email: string;
  next: 'password' | 'single-sign-on';
}

interface SignInProps {
  title: string;
  lead?: ReactNode;
  enter: Enter;
  /** Where a sign-in at a provider leads, a path. */
  to?: string | undefined;
  known?: Known | undefined;
  children?: ReactNode;
}

/** The address first, then what this address may use. */
export function SignIn({ title, lead, enter, to, known: given, children }: SignInProps) {
  const [known, know] = useState(given);
  const [isEmergency, hurry] = useState(false);
  const isPassword = known?.next === 'password' || isEmergency;
  return (
    <Card title={known ? text.back : title} lead={known && !isPassword ? text.governed : lead}>
      {known ? (
        <>
          <Who
            email={known.email}
            onChange={() => {
              know(undefined);
              hurry(false);
            }}
          />
          {isPassword ? (
            <ByPassword email={known.email} enter={enter} />
          ) : (
            <ByProvider
              email={known.email}
              to={to}
              onEmergency={() => {
                hurry(true);
              }}
            />
          )}
        </>
      ) : (
        <Address act={common.continue} enter={enter} onKnown={know} />
      )}
      {children}
    </Card>
  );
}

interface AddressProps {
  act: string;
  enter: Enter;
  onKnown: (known: Known) => void;
}

/** The address, or a passkey, which needs none. */
export function Address({ act, enter, onKnown }: AddressProps) {
  const [round, offer] = useState(0);
  const [refused, refuse] = useState('');
  const again = () => {
    offer(round + 1);
  };
  const quiet = useOffer(round, { enter, refuse, again });
  return (
    <>
      <Form
        onSubmit={async (values) => {
          const email = values.text('email').trim();
          const { next } = await api.post('/v1/sign-ins/look', { body: { email } });
          onKnown({ email, next });
        }}
      >
        <Field label={text.email} name="email" type="email" autoComplete="username webauthn" autoFocus />
        <Button look="solid" type="submit">
          {act}
        </Button>
      </Form>
      {hasPasskeys && (
        <PasskeyForm
          which="first"
          enter={enter}
          onBefore={() => {
            quiet();
            refuse('');
          }}
          onAfter={again}
        />
      )}
      <p role="alert" className={style.alert}>
        {refused}
      </p>
    </>
  );
}

/** A challenge lives five minutes. */
const OFFERED_MS = 240_000;

interface Offer {
  enter: Enter;
  refuse: (detail: string) => void;
  again: () => void;
}

/** Offers passkeys in the field of the address, where the browser can. @returns what takes the offer back: a browser asks for one at a time. */
function useOffer(round: number, { enter, refuse, again }: Offer): () => void {
  const [waiting, wait] = useState<AbortController>();
  useEffect(() => {
    const controller = new AbortController();
    wait(controller);
    const { signal } = controller;
    const timer = setTimeout(again, OFFERED_MS);
    void (async () => {
      if (!(await canOffer()) || signal.aborted) return;
      try {
        const step = await byPasskey('first', { mediation: 'conditional', signal });
        if (step) await enter(Promise.resolve(step));
      } catch (error) {
        // Nobody asked for it: only what became of a passkey that was chosen is said.
        if (error instanceof Refusal && error.problem.code === 'factor/refused') refuse(error.problem.detail);
      }
    })();
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [round]);
  return () => {
    waiting?.abort();
  };
}

interface PasskeyFormProps {
  which: 'first' | 'second';
  enter: Enter;
  onBefore?: () => void;
  onAfter?: () => void;
  look?: 'solid' | 'plain';
}

export const PasskeyForm = ({ which, enter, onBefore, onAfter, look = 'plain' }: PasskeyFormProps) => (
  <Form
    onSubmit={async () => {
      onBefore?.();
      try {
        const step = await byPasskey(which);
        if (!step) throw new Said(ways.noPasskey);
        await enter(Promise.resolve(step));
      } catch (error) {
        onAfter?.();
        throw error;
      }
    }}
  >
    <Button type="submit" look={look} writes>
      <KeyRound size={16} aria-hidden="true" />
      {text.passkey}
    </Button>
  </Form>
);

const Who = ({ email, onChange }: { email: string; onChange: () => void }) => (
  <p className={style.who}>
    <span>{email}</span>
    <button type="button" onClick={onChange}>
      {text.change}
    </button>
  </p>
);

const ByPassword = ({ email, enter }: { email: string; enter: Enter }) => (
  <>
    <Form
      onSubmit={(values) =>
        enter(api.post('/v1/sessions', { body: { email, password: values.text('password') } }), email)
      }
    >
      {/* Password managers fill and store by what is here. */}
      <input
        className="visually-hidden"
        name="username"
        autoComplete="username"
        value={email}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      <PasswordField label={text.password} name="password" autoComplete="current-password" autoFocus />
      <Button look="solid" type="submit" writes>
        {text.act}
      </Button>
    </Form>
    <Link to="/forgot" state={{ email }} className={style.quiet}>
      {text.forgot}
    </Link>
  </>
);

interface ByProviderProps {
  email: string;
  to: string | undefined;
  onEmergency: () => void;
}
const ByProvider = ({ email, to, onEmergency }: ByProviderProps) => (
  <>
    <Form onSubmit={() => goToProvider({ email }, to)}>
      <Button look="solid" type="submit" writes data-first autoFocus>
        {text.provider(email.split('@').at(-1) ?? '')}
      </Button>
    </Form>
    <p className={style.foot}>
      <button type="button" className={style.link} onClick={onEmergency}>
        {text.emergency}
      </button>
      <br />
      {text.emergencyHint}
    </p>
  </>
);
