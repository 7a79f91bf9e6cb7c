import { type ReactNode, useState } from 'react';
import { api } from '../api/client.ts';
import { Button } from '../parts/button.tsx';
import { Form } from '../parts/form.tsx';
import { ways } from '../texts/ways.ts';
import { Arrived } from './arrived.tsx';
import { Asked } from './asked.tsx';
import { Card } from './card.tsx';
import { Dead, useLink } from './dead.tsx';
import { Go } from './go.tsx';

interface LinkText {
  title: string;
  lead: string;
  act: string;
  doneTitle: string;
  done: string;
}
interface LinkProps {
  text: LinkText;
  /** What the button does. Opening the page does nothing: mail scanners open links, too. */
  act: (token: string) => Promise<unknown>;
  /** Says beforehand what it would come to. */
  look?: (token: string) => Promise<string>;
  looking?: string;
  /** The one way on: afterwards, and from a link that is dead. */
  next: ReactNode;
  dead?: ReactNode;
}

/** What a mailed link will do, and the button that does it. */
function LinkPage({ text, act, look, looking = '', next, dead = next }: LinkProps) {
  return (
    <Arrived>
      {({ token }) => {
        if (token === undefined) return <Dead>{dead}</Dead>;
        const doing = (says?: string) => <Act text={text} says={says} act={() => act(token)} next={next} dead={dead} />;
        if (!look) return doing();
        return (
          <Asked title={text.title} waiting={looking} ask={() => look(token)} way={dead}>
            {doing}
          </Asked>
        );
      }}
    </Arrived>
  );
}

interface ActProps extends Pick<LinkProps, 'text' | 'next' | 'dead'> {
  says: string | undefined;
  act: () => Promise<unknown>;
}
function Act({ text, says, act, next, dead }: ActProps) {
  const [isDone, finish] = useState(false);
  const { why, isLost, spend } = useLink();
  if (isDone)
    return (
      <Card title={text.doneTitle} lead={text.done}>
        {next}
      </Card>
    );
  if (why !== undefined) return <Dead why={why}>{isLost ? next : dead}</Dead>;
  return (
    <Card title={text.title} lead={says === undefined ? text.lead : `${says} ${text.lead}`}>
      <Form
        onSubmit={async () => {
          if (await spend(act())) finish(true);
        }}
      >
        <Button look="solid" type="submit" writes>
          {text.act}
        </Button>
      </Form>
    </Card>
  );
}

const signIn = <Go to="/sign-in">{ways.toSignIn}</Go>;
const setPassword = <Go to="/forgot">{ways.undo.next}</Go>;

const lookAddress = async (token: string) => {
  const { does, email } = await api.post('/v1/address-changes/look', { body: { token } });
  return does === 'confirm' ? ways.address.confirm(email) : ways.undo.undo(email);
};

export const AddressPage = () => (
  <LinkPage
    text={ways.address}
    look={lookAddress}
    looking={ways.address.looking}
    act={(token) => api.post('/v1/address-changes/confirm', { body: { token } })}
    next={signIn}
  />
);
export const UndoAddressPage = () => (
  <LinkPage
    text={ways.undo}
    look={lookAddress}
    looking={ways.address.looking}
    act={(token) => api.post('/v1/address-changes/undo', { body: { token } })}
    next={setPassword}
    dead={signIn}
  />
);
export const RecoveryPage = () => (
  <LinkPage
    text={ways.recovery}
    act={(token) => api.post('/v1/factor-recoveries/confirm', { body: { token } })}
    next={signIn}
  />
);
export const CancelRecoveryPage = () => (
  <LinkPage
    text={ways.cancel}
    act={(token) => api.post('/v1/factor-recoveries/cancel', { body: { token } })}
    next={setPassword}
    dead={signIn}
  />
);
export const CompleteRecoveryPage = () => (
  <LinkPage
    text={ways.complete}
    act={(token) => api.post('/v1/factor-recoveries/complete', { body: { token } })}
    next={signIn}
  />
);
