import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Answer } from '../api/client.ts';
import { inactivity } from '../api/queries.ts';
import { Section } from '../parts/rows.tsx';
import { onDay, When } from '../parts/when.tsx';
import { Listed } from '../states/listed.tsx';
import { settings } from '../texts/settings.ts';
import { Stay } from './stay.tsx';
import style from './inactivity.module.css';

const { inactivity: text } = settings;
type Inactive = Answer<'GET', '/v1/account/inactivity'>;

export function Inactivity() {
  const query = useQuery(inactivity);
  return (
    <Section id="inactivity" title={text.title} lead={text.lead}>
      <Listed query={query} what={text.title} rows={3}>
        {(told) => <Told of={told} />}
      </Listed>
    </Section>
  );
}

function Told({ of: told }: { of: Inactive }) {
  const [before, after] = text.until;
  const last = [
    [text.signIn, told.lastActivity.signIn],
    [text.session, told.lastActivity.session],
    [text.apiByKeys, told.lastActivity.api],
  ] as const;
  return (
    <div className={style.stay}>
      <p className={style.until}>
        {told.status === 'exempt' ? (
          text.exempt
        ) : (
          <>
            {before}
            <strong>{onDay(told.dueAt)}</strong>
            {after}
          </>
        )}
      </p>
      <Stay of={told} />
      <dl aria-label={text.last}>
        {last.map(([what, at]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{at === null ? text.notYet : <When at={at} />}</dd>
          </div>
        ))}
      </dl>
      <p className={style.small}>{text.stops}</p>
      <p className={style.small}>
        {text.kept}{' '}
        <Link to="/help/account" hash="inactivity">
          {text.more}
        </Link>
      </p>
    </div>
  );
}
