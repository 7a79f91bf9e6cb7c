import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Back } from '../parts/back.tsx';
import { useTitle } from '../parts/page.tsx';
import { Listed } from '../states/listed.tsx';
import { NotFound } from '../states/trouble.tsx';
import { singleSignOn as text } from '../texts/single-sign-on.ts';
import { ConnectionStatus } from './connection-status.tsx';
import { type Connection, connection } from './organization.queries.ts';
import { OwnersOnly } from './part.tsx';
import { DomainStep } from './domain-step.tsx';
import { OnStep } from './on-step.tsx';
import { PeopleStep } from './people-step.tsx';
import { ProviderStep } from './provider-step.tsx';
import { TestStep } from './test-step.tsx';
import style from './connection.module.css';

const STEPS = ['domain', 'provider', 'test', 'people', 'on'] as const;
type StepName = (typeof STEPS)[number];
const PAGES: Record<StepName, (props: { of: Connection }) => ReactNode> = {
  domain: DomainStep,
  provider: ProviderStep,
  test: TestStep,
  people: PeopleStep,
  on: OnStep,
};
const route = getRouteApi('/inside/organization/single-sign-on/$id/$step');

/** Setting a connection up, or looking after it: each step is an address, and none has to be taken in order. */
export const SingleSignOnStepPage = () => <OwnersOnly>{() => <Steps />}</OwnersOnly>;

function Steps() {
  const { id, step: typed } = route.useParams();
  const known = useQuery(connection(id));
  const step = STEPS.find((each) => each === typed);
  useTitle(text.title);
  if (!step) return <NotFound />;
  const Page = PAGES[step];
  const next = STEPS[STEPS.indexOf(step) + 1];
  return (
    <>
      <Back to="/organization/single-sign-on" text={text.back} />
      <Listed query={known} what={text.connections}>
        {(it) => (
          <div className={style.page}>
            <h2 className={style.title}>
              <bdi>{it.name}</bdi> <ConnectionStatus of={it.status} />
            </h2>
            <nav aria-label={text.steps.label}>
              <ol className={style.steps}>
                {STEPS.map((each) => (
                  <li key={each}>
                    <Link
                      to="/organization/single-sign-on/$id/$step"
                      params={{ id, step: each }}
                      activeProps={{ 'aria-current': 'step' }}
                    >
                      {text.steps[each]}
                    </Link>
                  </li>
                ))}
              </ol>
            </nav>
            <Page of={it} key={`${it.id}:${step}`} />
            {next && step !== 'provider' && (
              <p>
                <Link to="/organization/single-sign-on/$id/$step" params={{ id, step: next }} className={style.next}>
                  {text.steps.next(text.steps[next])}
                </Link>
              </p>
            )}
          </div>
        )}
      </Listed>
    </>
  );
}
