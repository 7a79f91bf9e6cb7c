import { useParams, useRouter } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { type Answer, api } from '../api/client.ts';
import { Button } from '../parts/button.tsx';
import { Form } from '../parts/form.tsx';
import { ways } from '../texts/ways.ts';
import { Arrived } from './arrived.tsx';
import { Asked } from './asked.tsx';
import { Card } from './card.tsx';
import { Dead, useLink } from './dead.tsx';
import { goToProvider, type Step, useEnter } from './enter.ts';
import { Go } from './go.tsx';
import style from './ways.module.css';

const { provider: text, bind } = ways;
type Finished = Answer<'POST', '/v1/single-sign-on/finish'>;

const signIn = <Go to="/sign-in">{text.again}</Go>;

/** For the tile in a provider's dashboard: the sign-in begins here in any case. */
export function BeginPage() {
  const { id } = useParams({ from: '/ways/sso/$id' });
  return (
    <Asked
      title={text.title}
      waiting={text.going}
      ask={() => goToProvider({ connectionId: id })}
      way={signIn}
      refused={failed}
    >
      {() => (
        <Card title={text.title}>
          <p role="status" className={style.waiting}>
            {text.going}
          </p>
        </Card>
      )}
    </Asked>
  );
}

/**
 * Where providers send browsers back to. That request came from another site and brought no cookie along, so the answer is sent
 * from here, once.
 */
export function CallbackPage() {
  const { id } = useParams({ strict: false });
  const [form] = useState(posted);
  useEffect(() => {
    document.querySelector('meta[name=rollcall-posted]')?.remove();
  }, []);
  return (
    <Arrived>
      {({ query }) => {
        const answer = form ?? (query === undefined ? undefined : { query });
        if (answer === undefined) return <Dead why={text.empty}>{signIn}</Dead>;
        return (
          <Asked
            title={text.title}
            waiting={text.judging}
            ask={() => api.post('/v1/single-sign-on/finish', { body: { connectionId: id ?? '', ...answer } })}
            way={signIn}
            refused={failed}
          >
            {(finished) => <Finish finished={finished} />}
          </Asked>
        );
      }}
    </Arrived>
  );
}

/** What a provider posted, as the page was sent with it. */
function posted() {
  const { saml, relay } = document.querySelector<HTMLElement>('meta[name=rollcall-posted]')?.dataset ?? {};
  return saml === undefined ? undefined : { samlResponse: saml, relayState: relay ?? '' };
}

const failed = ({ detail }: { detail: string }): ReactNode => (
  <Card title={text.failed} lead={<span role="alert">{detail}</span>}>
    {signIn}
  </Card>
);

/** What a sign-in at a provider was for. */
function Finish({ finished }: { finished: Finished }) {
  const { history } = useRouter();
  const back = finished.returnTo ?? undefined;
  if ('account' in finished || 'accepts' in finished) return <Entering step={finished} to={back} />;
  if (finished.next === 'mail') return <Card title={ways.sent.title} lead={text.mail} />;
  if (back !== undefined)
    return (
      <Gone
        go={() => {
          history.replace(back, finished.next === 'tested' ? { tested: finished } : {});
        }}
      />
    );
  if (finished.next === 'proved')
    return (
      <Card title={text.proved} lead={text.provedLead}>
        <Go to="/settings">{text.toSettings}</Go>
      </Card>
    );
  const { email, subject, fresh } = finished;
  return (
    <Card title={text.tested} lead={`${text.vouches(email, subject)} ${fresh ? text.fresh : text.notFresh}`}>
      <Go to="/organization/single-sign-on">{text.toOrganization}</Go>
    </Card>
  );
}

function Entering({ step, to }: { step: Step; to: string | undefined }) {
  const enter = useEnter(to);
  return <Gone go={() => void enter(Promise.resolve(step))} />;
}

/** Goes on by itself, once. */
function Gone({ go }: { go: () => void }) {
  useEffect(go, []);
  return <Card title={text.title} />;
}

/** Ties the account to the provider's person, in the browser that began. */
export const BindPage = () => <Arrived>{({ token }) => <Bind token={token} />}</Arrived>;

function Bind({ token }: { token: string | undefined }) {
  const { why, spend } = useLink();
  const [finished, finish] = useState<Finished>();
  if (token === undefined || why !== undefined)
    return (
      <Dead why={why}>
        <Go to="/sign-in">{bind.otherBrowser}</Go>
      </Dead>
    );
  if (finished) return <Finish finished={finished} />;
  return (
    <Card title={bind.title} lead={bind.lead}>
      <Form
        onSubmit={async () => {
          finish(await spend(api.post('/v1/single-sign-on/bind', { body: { token } })));
        }}
      >
        <Button look="solid" type="submit" writes>
          {bind.act}
        </Button>
      </Form>
    </Card>
  );
}
