import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Answer, api } from '../api/client.ts';
import { projects, renew } from '../api/queries.ts';
import { useOrganization } from '../context/organization.ts';
import { Back } from '../parts/back.tsx';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Facts } from '../parts/facts.tsx';
import { DRAWN_MAX, Histogram } from '../parts/histogram.tsx';
import { Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/page.tsx';
import { Person } from '../parts/person.tsx';
import { ThingHead } from '../parts/thing.tsx';
import { When } from '../parts/when.tsx';
import { Listed } from '../states/listed.tsx';
import { jobs } from '../texts/jobs.ts';
import { isOpen, job as jobQuery } from './jobs.queries.ts';
import { JobStatus } from './job-status.tsx';
import style from './jobs.module.css';

const { detail: text } = jobs;
const route = getRouteApi('/inside/jobs/$id');

type Job = Answer<'GET', '/v1/jobs/:id'>;

export function JobPage() {
  const { id } = route.useParams();
  const job = useQuery(jobQuery(id));
  useTitle(job.data?.name ?? jobs.title);
  return (
    <>
      <Back to="/jobs" text={text.back} />
      <Listed query={job} what={jobs.list}>
        {(known) => <Detail of={known} />}
      </Listed>
    </>
  );
}

function Detail({ of: job }: { of: Job }) {
  const queries = useQueryClient();
  const [isCanceling, cancel] = useState(false);
  const name = job.name ?? jobs.unnamed;
  return (
    <div className={style.page}>
      <ThingHead name={<bdi>{name}</bdi>} of={<JobStatus of={job.status} />}>
        {isOpen(job.status) && (
          <Button
            look="bad"
            writes
            onClick={() => {
              cancel(true);
            }}
          >
            {text.cancel}
          </Button>
        )}
      </ThingHead>
      {job.failure && (
        <Notice tone="bad">
          {text.failed}: {job.failure.message} <code>{job.failure.code}</code>
        </Notice>
      )}
      <Results of={job} />
      {job.childJobIds.length > 0 && (
        <section>
          <h2>{text.circuits}</h2>
          <ul className={style.circuits}>
            {job.childJobIds.map((child, i) => (
              <li key={child}>
                <Link to="/jobs/$id" params={{ id: child }}>
                  {text.circuit(i + 1)}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h2>{text.about}</h2>
        <About of={job} />
      </section>
      {Object.keys(job.settings).length > 0 && (
        <section>
          <h2>{text.settings}</h2>
          <pre className={style.settings}>{JSON.stringify(job.settings, null, 2)}</pre>
        </section>
      )}
      {isCanceling && (
        <Confirm
          title={text.cancelTitle(name)}
          act={text.cancel}
          onAct={async (once) => {
            await api.post('/v1/jobs/:id/cancel', { params: { id: job.id }, body: {}, once });
            await renew(queries, 'job', 'jobs');
          }}
          onClose={() => {
            cancel(false);
          }}
        >
          <p>{text.cancelText}</p>
        </Confirm>
      )}
    </div>
  );
}

function Results({ of: { status, results, qubits, childJobIds } }: { of: Job }) {
  if (childJobIds.length > 0 && !results) return null;
  if (!results) {
    const words = isOpen(status) ? text.waiting : status === 'completed' ? text.noResults : undefined;
    return words === undefined ? null : <p className={style.lead}>{words}</p>;
  }
  const states = Object.entries(results.probabilities)
    .map(([state, probability]) => ({
      state: measured(state, qubits),
      probability,
      count: results.counts?.[state] ?? null,
    }))
    .toSorted((a, b) => b.probability - a.probability);
  return (
    <section>
      <h2>{text.results}</h2>
      <p className={style.lead}>
        {text.resultsLead(states.length, results.states)} {states.length > DRAWN_MAX && text.drawn(DRAWN_MAX)}
      </p>
      <Histogram
        label={text.histogram(states[0]?.state ?? '', results.states)}
        states={states}
        asTable={text.asTable}
        heads={text.heads}
      />
    </section>
  );
}

/** A state as it was measured, a digit a qubit. It may have more than 53. */
const measured = (state: string, qubits: number) =>
  /^\d+$/.test(state) ? BigInt(state).toString(2).padStart(qubits, '0') : state;

function About({ of: job }: { of: Job }) {
  const { current } = useOrganization();
  const { data } = useQuery({ ...projects(current?.id ?? ''), enabled: current !== undefined });
  const project = data?.items.find(({ id }) => id === job.projectId);
  const all: (readonly [string, ReactNode] | false)[] = [
    [text.submitter, <Person name={job.submitter.name === '' ? text.gone : job.submitter.name} />],
    [
      text.key,
      <Link to="/keys/$id" params={{ id: job.key.id }}>
        <bdi>{job.key.name === '' ? text.key : job.key.name}</bdi>
      </Link>,
    ],
    project !== undefined && [
      text.project,
      <Link to="/projects/$id" params={{ id: project.id }}>
        <bdi>{project.name}</bdi>
      </Link>,
    ],
    job.parentJobId !== null && [
      text.partOf,
      <Link to="/jobs/$id" params={{ id: job.parentJobId }}>
        {text.openWhole}
      </Link>,
    ],
    [text.submitted, <When at={job.submittedAt} />],
    job.startedAt !== null && [text.started, <When at={job.startedAt} />],
    job.completedAt !== null && [text.completed, <When at={job.completedAt} />],
    job.executionMs !== null && [text.took, text.milliseconds(job.executionMs)],
    [text.backend, job.backend],
    [text.type, <code>{job.type}</code>],
    [text.qubits, job.qubits],
    [text.shots, job.shots.toLocaleString('en')],
    [text.noise, job.noiseModel],
    job.dryRun && [text.dryRun, text.dryRunIs],
    [text.id, <code>{job.id}</code>],
  ];
  return <Facts of={all.filter((fact) => fact !== false)} />;
}
