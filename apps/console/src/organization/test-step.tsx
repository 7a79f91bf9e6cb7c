import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import type { Answer, Item } from '../api/client.ts';
import { api } from '../api/client.ts';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { Facts } from '../parts/facts.tsx';
import { Form } from '../parts/form.tsx';
import { Notice } from '../parts/notice.tsx';
import { Table } from '../parts/table.tsx';
import { When } from '../parts/when.tsx';
import { useProved } from '../shell/proof.tsx';
import { Listed } from '../states/listed.tsx';
import { adviceOf, singleSignOn } from '../texts/single-sign-on.ts';
import { type Connection, attempts } from './organization.queries.ts';
import style from './connection.module.css';

const { test: text } = singleSignOn;
const TONES = { 'under-way': 'calm', 'accepted': 'good', 'refused': 'bad' } as const;

type Tested = Extract<Answer<'POST', '/v1/single-sign-on/finish'>, { next: 'tested' }>;
type Attempt = Item<'/v1/connections/:id/attempts'>;

export function TestStep({ of: it }: { of: Connection }) {
  const proved = useProved();
  const list = useQuery(attempts(it.id));
  // The page that the provider comes back to hands over what it said of me; it is in no address.
  const { tested } = useLocation().state as { tested?: Pick<Tested, 'subject' | 'email' | 'fresh'> };
  const begin = async () => {
    const { location: to } = await proved(() =>
      api.post('/v1/single-sign-on/start', {
        body: { connectionId: it.id, purpose: 'test', returnTo: location.pathname + location.search },
      }),
    );
    location.assign(to);
  };
  return (
    <section className={style.step}>
      <h3>{text.title}</h3>
      <p className={style.lead}>{text.lead}</p>
      {tested ? (
        <>
          <Notice tone="good">
            {text.good}. {text.goodFor}
          </Notice>
          <Facts
            of={[
              [text.email, tested.email],
              [text.subject, <code>{tested.subject}</code>],
              [text.fresh, tested.fresh ? text.freshYes : text.freshNo],
            ]}
          />
        </>
      ) : (
        it.tested && (
          <Notice tone="good">
            {text.goodAt} <When at={it.tested.at} />. {text.goodFor}
          </Notice>
        )
      )}
      {it.configuration === 0 ? (
        <Notice tone="warn">{text.notConfigured}</Notice>
      ) : (
        <Form onSubmit={begin}>
          <div>
            <Button look="solid" type="submit" writes>
              {text.act}
            </Button>
          </div>
        </Form>
      )}
      <h4>{text.attempts}</h4>
      <Listed query={list} what={text.attempts} rows={2}>
        {({ items }) =>
          items.length === 0 ? <p className={style.lead}>{text.noAttempts}</p> : <Attempts of={items} />
        }
      </Listed>
    </section>
  );
}

const Attempts = ({ of }: { of: readonly Attempt[] }) => (
  <Table
    caption={text.attempts}
    rows={of}
    idOf={({ beganAt, purpose }) => `${beganAt} ${purpose}`}
    columns={[
      { head: text.columns.when, kind: 'name', cell: ({ beganAt }) => <When at={beganAt} /> },
      { head: text.columns.purpose, cell: ({ purpose }) => text.purposes[purpose] },
      {
        head: text.columns.outcome,
        cell: ({ outcome, check }) => (
          <span>
            <Chip tone={TONES[outcome]}>{text.outcomes[outcome]}</Chip> {check !== null && <code>{check}</code>}
          </span>
        ),
      },
      { head: text.columns.advice, cell: ({ check }) => (check === null ? '' : adviceOf(check)) },
    ]}
  />
);
