import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../api/client.ts';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { ways } from '../texts/ways.ts';
import { Arrived } from './arrived.tsx';
import { Card } from './card.tsx';
import { Dead, useLink } from './dead.tsx';
import { Go } from './go.tsx';
import { NewPassword } from '../parts/new-password.tsx';

const { verify: text } = ways;

export const VerifyPage = () => <Arrived>{({ token }) => <Verify token={token} />}</Arrived>;

function Verify({ token }: { token: string | undefined }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { why, isLost, spend } = useLink();
  if (token === undefined || why !== undefined)
    return (
      <Dead why={why}>
        {isLost ? <Go to="/sign-in">{ways.toSignIn}</Go> : <Go to="/sign-up">{ways.signUp.again}</Go>}
      </Dead>
    );
  return (
    <Card title={text.title} lead={text.lead}>
      <Form
        onSubmit={async (values) => {
          const body = { token, name: values.text('name'), password: values.text('password') };
          if (!(await spend(api.post('/v1/sign-ups/verify', { body })))) return;
          queries.clear();
          await navigate({ to: '/keys', search: { create: true }, replace: true });
        }}
      >
        <Field label={ways.name} name="name" autoComplete="name" maxLength={100} autoFocus />
        <NewPassword label={ways.newPassword} />
        <Button look="solid" type="submit" writes>
          {text.act}
        </Button>
      </Form>
    </Card>
  );
}
