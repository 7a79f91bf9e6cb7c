import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Answer, api } from '../api/client.ts';
import { start } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { Form, type Values } from '../parts/form.tsx';
import { ways } from '../texts/ways.ts';
import { Arrived } from './arrived.tsx';
import { Asked } from './asked.tsx';
import { Card } from './card.tsx';
import { Dead, useLink } from './dead.tsx';
import { goToProvider, type Half, useEnter } from './enter.ts';
import { Factor } from './factor.tsx';
import { Go } from './go.tsx';
import { NewPassword } from '../parts/new-password.tsx';
import { type Enter, SignIn } from './sign-in.tsx';

const { invitation: text } = ways;
type Look = Answer<'POST', '/v1/invitations/look'>;
const signIn = <Go to="/sign-in">{ways.toSignIn}</Go>;

export const InvitationPage = () => (
  <Arrived>
    {({ token }) =>
      token === undefined ? (
        <Dead>{signIn}</Dead>
      ) : (
        <Asked
          title={ways.invitation.title('…')}
          waiting={text.looking}
          ask={() => api.post('/v1/invitations/look', { body: { token } })}
          way={signIn}
        >
          {(look, again) => <Invitation look={look} token={token} again={again} />}
        </Asked>
      )
    }
  </Arrived>
);

interface InvitationProps {
  look: Look;
  token: string;
  /** Somebody else is signed in now: what the link does is another thing. */
  again: () => void;
}

function Invitation({ look, token, again }: InvitationProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const account = useQuery(start).data?.account;
  const { why, isLost, spend } = useLink();
  const title = text.title(look.organization.name);
  const says = (more?: string) => (
    <>
      <strong>{look.organization.name}</strong> {text.invites} {look.email} {text.roles[look.role]}.
      {more !== undefined && ` ${more}`}
    </>
  );
  const accept = async (values: Values) => {
    const body = {
      token,
      ...(values.has('name') ? { name: values.text('name'), password: values.text('password') } : {}),
    };
    const accepted = await spend(api.post('/v1/invitations/accept', { body }));
    if (!accepted) return;
    queries.clear();
    await navigate({ to: '/keys', search: { org: accepted.organization.id }, replace: true });
  };
  if (why !== undefined) return <Dead why={isLost ? why : `${why} ${text.dead}`}>{signIn}</Dead>;
  if (look.next !== 'accept' && account)
    return (
      <Card title={title} lead={says()}>
        <p>{text.signedInAs(account.email)}</p>
        <Form
          onSubmit={async () => {
            await api.post('/v1/sessions/:id/end', { params: { id: 'current' }, body: {} });
            queries.clear();
            again();
          }}
        >
          <Button look="solid" type="submit" writes>
            {text.switch(look.email)}
          </Button>
        </Form>
      </Card>
    );
  if (look.next === 'sign-in') return <SignInFirst title={title} lead={says(text.signIn)} again={again} />;
  const { connectionId } = look;
  if (connectionId !== null)
    return (
      <OneButton
        title={title}
        lead={says(text.sso)}
        act={text.provider}
        onSubmit={() => goToProvider({ connectionId, token })}
      />
    );
  return (
    <OneButton
      title={title}
      lead={says(look.next === 'create' ? text.createLead : undefined)}
      act={look.next === 'create' ? text.create : text.join}
      onSubmit={accept}
    >
      {look.next === 'create' && (
        <>
          <Field label={ways.name} name="name" autoComplete="name" maxLength={100} autoFocus />
          <NewPassword label={ways.newPassword} />
        </>
      )}
    </OneButton>
  );
}

interface OneButtonProps {
  title: string;
  lead: ReactNode;
  act: string;
  onSubmit: (values: Values) => Promise<unknown>;
  children?: ReactNode;
}
const OneButton = ({ title, lead, act, onSubmit, children }: OneButtonProps) => (
  <Card title={title} lead={lead}>
    <Form onSubmit={onSubmit}>
      {children}
      <Button look="solid" type="submit" writes>
        {act}
      </Button>
    </Form>
  </Card>
);

/** Signs in here, for the link's token is in this page alone, and comes back to the button. */
function SignInFirst({ title, lead, again }: { title: string; lead: ReactNode; again: () => void }) {
  const queries = useQueryClient();
  const go = useEnter('/invitation');
  const [half, wait] = useState<Half>();
  const enter: Enter = async (asked, email) => {
    const step = await asked.catch(async () => {
      await go(asked, email);
      return undefined;
    });
    if (step === undefined) return;
    if ('account' in step) {
      await queries.resetQueries();
      again();
    } else if (step.next === 'second-factor') wait(step);
    else await go(asked);
  };
  if (half)
    return (
      <Factor
        accepts={half.accepts}
        enter={enter}
        onOver={() => {
          wait(undefined);
        }}
      />
    );
  return <SignIn title={title} lead={lead} enter={enter} to="/keys" />;
}
