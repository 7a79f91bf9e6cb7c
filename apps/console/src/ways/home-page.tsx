import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { start } from '../api/queries.ts';
import { useBrand } from '../context/brand.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { ways } from '../texts/ways.ts';
import { Card, Foot } from './card.tsx';
import { useEnter } from './enter.ts';
import { Address } from './sign-in.tsx';
import style from './ways.module.css';

const { home: text } = ways;

/** Of whoever is not signed in. */
export function HomePage() {
  const navigate = useNavigate();
  const enter = useEnter();
  const isDevelopment = useQuery(start).data?.config.development;
  const { name } = useBrand();
  return (
    <Card title={name} lead={text.lead}>
      <Address
        act={text.act}
        enter={enter}
        onKnown={(known) => void navigate({ to: '/sign-in', state: { ...known } })}
      />
      <Foot>
        {ways.signIn.new} <Link to="/sign-up">{ways.signIn.signUp}</Link> · <a href="/docs">{text.docs}</a>
        {isDevelopment && (
          <>
            {' · '}
            <a href="/dev/mail">{text.mail}</a>
          </>
        )}
      </Foot>
      {isDevelopment && <FirstSession />}
    </Card>
  );
}

/** What a developer of this installation pastes first. */
function FirstSession() {
  const { data } = useQuery({
    queryKey: ['first-session'],
    queryFn: ({ signal }) => fetch('/first-session.txt', { signal }).then((answer) => answer.text()),
    staleTime: Infinity,
  });
  return (
    <details className={style.session}>
      <summary>{text.session}</summary>
      <p>{text.sessionHint}</p>
      {data !== undefined && <CopyButton text={data} what={text.sessionName} />}
      {/* It scrolls, so it can be reached by keys. */}
      <pre tabIndex={0} role="region" aria-label={text.session}>
        {data}
      </pre>
    </details>
  );
}
