import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { start } from '../api/queries.ts';
import { useBrand } from '../context/brand.ts';
import { Mark } from '../parts/mark.tsx';
import { Page } from '../parts/page.tsx';
import { help as text, type Topic } from '../texts/help.ts';
import style from './help-pages.module.css';

interface ManualProps {
  title: string;
  lead: string;
  topics: Readonly<Record<string, Topic>>;
}

const PAGES = [
  ['/help/account', text.account.short],
  ['/help/api-keys', text.keys.short],
] as const;

export const AccountHelpPage = () => <Manual {...text.account} />;
export const KeysHelpPage = () => <Manual {...text.keys} />;

/** A manual for everybody, signed in or not: each question has an address of its own. */
function Manual({ title, lead, topics }: ManualProps) {
  const { name } = useBrand();
  const isInside = Boolean(useQuery(start).data?.account);
  const all = Object.entries(topics);
  useEffect(() => {
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);
  return (
    <>
      <header className={style.top}>
        <Link to="/" className={style.mark} aria-label={name}>
          <Mark />
        </Link>
        <nav aria-label={text.pages}>
          {PAGES.map(([to, label]) => (
            <Link key={to} to={to} activeProps={{ 'aria-current': 'page' }}>
              {label}
            </Link>
          ))}
        </nav>
        <Link to={isInside ? '/keys' : '/sign-in'} className={style.back}>
          {isInside ? text.back.inside : text.back.outside}
        </Link>
      </header>
      <main id="main" className={style.main} tabIndex={-1}>
        <nav aria-label={text.nav} className={style.aside}>
          {all.map(([id, topic]) => (
            <a key={id} href={`#${id}`}>
              {topic.title}
            </a>
          ))}
        </nav>
        <article className={style.text}>
          <Page title={title} lead={lead}>
            {all.map(([id, topic]) => (
              <section key={id} id={id}>
                <h2>
                  <a href={`#${id}`}>{topic.title}</a>
                </h2>
                {topic.says.map((paragraph) => (
                  <p key={paragraph}>{paragraph}</p>
                ))}
                {topic.code !== undefined && (
                  <pre tabIndex={0} aria-label={topic.title} role="group">
                    {topic.code}
                  </pre>
                )}
              </section>
            ))}
          </Page>
        </article>
      </main>
    </>
  );
}
