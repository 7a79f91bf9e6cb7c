import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { Refusal } from '../api/client.ts';
import { start } from '../api/queries.ts';
import { useBrand } from '../context/brand.ts';
import { When } from '../parts/when.tsx';
import { ways } from '../texts/ways.ts';
import { Card, Foot } from './card.tsx';
import { Go } from './go.tsx';
import style from './ways.module.css';

const { suspended: text } = ways;

/** What a suspended account is told once it has proved itself: since when, why, what is kept, and the way back. */
export function SuspendedPage() {
  const { suspended: told, email } = useLocation().state;
  const { error } = useQuery(start);
  const { supportUrl } = useBrand();
  const problem = told ?? (error instanceof Refusal ? error.problem : undefined);
  const reason = problem?.reason;
  const since = problem?.since;
  return (
    <Card title={text.title}>
      <dl className={style.facts}>
        {since !== undefined && (
          <>
            <dt>{text.since}</dt>
            <dd>
              <When at={since} />
            </dd>
          </>
        )}
        {reason !== undefined && (
          <>
            <dt>{text.why}</dt>
            <dd>{text.reasons[reason] ?? problem?.detail}</dd>
          </>
        )}
        <dt>{text.stopped}</dt>
        <dd>{text.stoppedText}</dd>
        <dt>{text.kept}</dt>
        <dd>{text.keptText}</dd>
      </dl>
      {reason === 'operator' ? (
        <p>{text.operator}</p>
      ) : (
        <>
          <Go to="/reactivate" state={{ email }}>
            {text.act}
          </Go>
          <Foot>{text.actLead}</Foot>
        </>
      )}
      <Foot>
        {supportUrl !== null && (
          <>
            <a href={supportUrl}>{text.ask}</a>
            {' · '}
          </>
        )}
        <Link to="/sign-in">{text.other}</Link>
      </Foot>
    </Card>
  );
}
