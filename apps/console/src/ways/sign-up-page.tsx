import { Link, Navigate, useLocation, useNavigate } from '@tanstack/react-router';
import { api } from '../api/client.ts';
import { now } from '../api/clock.ts';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { common } from '../texts/common.ts';
import { ways } from '../texts/ways.ts';
import { Card, Foot } from './card.tsx';
import { Sent } from './sent.tsx';

const { signUp: text } = ways;
const ask = (email: string) => api.post('/v1/sign-ups', { body: { email } });

export function SignUpPage() {
  const navigate = useNavigate();
  return (
    <Card title={text.title} lead={text.lead}>
      <Form
        onSubmit={async (values) => {
          const email = values.text('email').trim();
          await ask(email);
          await navigate({ to: '/sign-up/sent', state: { email, sentAt: now() } });
        }}
      >
        <Field label={ways.signIn.email} name="email" type="email" autoComplete="email" autoFocus />
        <Button look="solid" type="submit" writes>
          {common.continue}
        </Button>
      </Form>
      <Foot>
        {text.have} <Link to="/sign-in">{ways.signIn.act}</Link>
      </Foot>
    </Card>
  );
}

/** The address is in the history's state: the page can be loaded anew, and nobody reads it over a shoulder or in a log. */
export function SentPage() {
  const { email, sentAt = now() } = useLocation().state;
  const navigate = useNavigate();
  if (email === undefined) return <Navigate to="/sign-up" replace />;
  return (
    <Sent
      email={email}
      lead={ways.sent.signUp}
      at={sentAt}
      again={ask}
      onChange={() => void navigate({ to: '/sign-up' })}
    />
  );
}
