import { Navigate, useLocation } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { api } from '../api/client.ts';
import { Button } from '../parts/button.tsx';
import { PasswordField } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { ways } from '../texts/ways.ts';
import { Arrived } from './arrived.tsx';
import { Asked } from './asked.tsx';
import { AskingMail } from './asking-mail.tsx';
import { Card } from './card.tsx';
import { type Half, useEnter } from './enter.ts';
import { Dead } from './dead.tsx';
import { Go } from './go.tsx';
import { NewPassword } from '../parts/new-password.tsx';
import { isOverBy, Over, useOver } from './over.tsx';
import style from './ways.module.css';

const resetAgain = <Go to="/forgot">{ways.reset.again}</Go>;
const reactivateAgain = (
  <Go to="/reactivate" reloadDocument>
    {ways.reactivate.again}
  </Go>
);

export const ResetPage = () => (
  <Arrived>
    {({ token }) => (
      <Opened
        purpose="reset"
        title={ways.reset.title}
        open={token === undefined ? undefined : () => api.post('/v1/password-resets/open', { body: { token } })}
        way={resetAgain}
        none={<Navigate to="/forgot" replace />}
      >
        <Reset />
      </Opened>
    )}
  </Arrived>
);

export const ReactivatePage = () => (
  <Arrived>
    {({ token }) => (
      <Opened
        purpose="reactivate"
        title={ways.reactivate.title}
        open={token === undefined ? undefined : () => api.post('/v1/reactivations/open', { body: { token } })}
        way={reactivateAgain}
        none={<Reactivation />}
      >
        <Reactivate />
      </Opened>
    )}
  </Arrived>
);

interface OpenedProps {
  purpose: Half['purpose'];
  title: string;
  /** Opens the link, which spends nothing; undefined where the page was loaded anew, or opened by hand. */
  open: (() => Promise<Half>) | undefined;
  way: ReactNode;
  /** Where no link has been opened. */
  none: ReactNode;
  children: ReactNode;
}

/** A link that stands for the first proof: then whatever else the account asks for, and then what it is for. */
const Opened = ({ purpose, title, open, way, none, children }: OpenedProps) => (
  <Asked
    title={title}
    waiting={ways.reset.opening}
    ask={open ?? (() => api.get('/v1/sessions/half', {}).catch(absent))}
    way={way}
  >
    {(half) => {
      if (half?.purpose !== purpose) return none;
      if (half.next === 'single-sign-on')
        return (
          <Dead why={ways.signIn.governed}>
            <Go to="/sign-in">{ways.toSignIn}</Go>
          </Dead>
        );
      return half.next === 'new-password' ? children : <Navigate to="/sign-in/factor" replace />;
    }}
  </Asked>
);

const absent = (error: unknown): undefined => {
  if (!isOverBy(error)) throw error;
};

function Reset() {
  const { beside = false } = useLocation().state;
  const enter = useEnter();
  const { isOver, going } = useOver();
  if (isOver) return <Over again={resetAgain} />;
  return (
    <Card title={ways.reset.title} lead={ways.reset.lead}>
      <Form
        onSubmit={(values) =>
          going(enter(api.post('/v1/password-resets/complete', { body: { password: values.text('password') } })))
        }
      >
        <NewPassword label={ways.newPassword} beside={beside} autoFocus />
        <Button look="solid" type="submit" writes>
          {ways.reset.act}
        </Button>
      </Form>
    </Card>
  );
}

function Reactivate() {
  const { beside = false } = useLocation().state;
  const [isNew, choose] = useState(false);
  const enter = useEnter();
  const { isOver, going } = useOver();
  const { reactivate: text } = ways;
  if (isOver) return <Over again={reactivateAgain} />;
  return (
    <Card title={text.title} lead={text.lead}>
      <Form
        key={String(isNew)}
        onSubmit={(values) => {
          const body = { password: values.text('password') };
          const asked = isNew
            ? api.post('/v1/reactivations/complete', { body })
            : api.post('/v1/sessions/half/password', { body });
          return going(enter(asked));
        }}
      >
        {isNew ? (
          <NewPassword label={ways.newPassword} beside={beside} autoFocus />
        ) : (
          <PasswordField label={text.password} name="password" autoComplete="current-password" autoFocus />
        )}
        <Button look="solid" type="submit" writes>
          {text.act}
        </Button>
      </Form>
      <button
        type="button"
        className={style.link}
        onClick={() => {
          choose(!isNew);
        }}
      >
        {isNew ? text.present : text.forgotten}
      </button>
    </Card>
  );
}

function Reactivation() {
  const { email } = useLocation().state;
  return (
    <AskingMail
      title={ways.reactivate.title}
      lead={ways.reactivate.ask}
      sent={ways.sent.reactivate}
      email={email}
      ask={(typed) => api.post('/v1/reactivations', { body: { email: typed } })}
    />
  );
}
