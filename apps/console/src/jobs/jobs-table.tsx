import { Link } from '@tanstack/react-router';
import type { Item } from '../api/client.ts';
import { Person } from '../parts/person.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { When } from '../parts/when.tsx';
import { jobs as text } from '../texts/jobs.ts';
import { JobStatus } from './job-status.tsx';
import style from './jobs.module.css';

type Job = Item<'/v1/jobs'>;

/** Jobs, newest first. `nameOf`: what a project is called; without it, all are of one key. */
export const JobsTable = ({ of, nameOf }: { of: readonly Job[]; nameOf?: (projectId: string) => string }) => (
  <Table caption={text.title} columns={columnsOf(nameOf)} rows={of} idOf={({ id }) => id} />
);

const columnsOf = (nameOf?: (projectId: string) => string): readonly Column<Job>[] => [
  {
    head: text.columns.job,
    kind: 'name',
    cell: ({ id, name }) => (
      <Link to="/jobs/$id" params={{ id }}>
        {name === null ? text.unnamed : <bdi>{name}</bdi>}
      </Link>
    ),
  },
  { head: text.columns.status, cell: ({ status }) => <JobStatus of={status} /> },
  ...(nameOf ? placesOf(nameOf) : []),
  {
    head: text.columns.submitter,
    cell: ({ submitter: { name } }) => <Person name={name === '' ? text.detail.gone : name} />,
  },
  { head: text.columns.when, cell: ({ submittedAt }) => <When at={submittedAt} /> },
];

const placesOf = (nameOf: (projectId: string) => string): readonly Column<Job>[] => [
  { head: text.columns.project, cell: ({ projectId }) => <bdi>{nameOf(projectId)}</bdi> },
  {
    head: text.columns.key,
    cell: ({ key: { id, name } }) => (
      <Link to="/keys/$id" params={{ id }} className={style.key}>
        <bdi>{name === '' ? text.columns.key : name}</bdi>
      </Link>
    ),
  },
];
