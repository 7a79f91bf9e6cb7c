import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ListChecks, X } from 'lucide-react';
import { now } from '../api/clock.ts';
import { keys, projects } from '../api/queries.ts';
import { useOrganization } from '../context/organization.ts';
import { Bars } from '../parts/bars.tsx';
import { Button } from '../parts/button.tsx';
import { Filters, FilterSelect } from '../parts/filters.tsx';
import { More } from '../parts/more.tsx';
import { Page } from '../parts/page.tsx';
import { lastDays } from '../parts/roll.tsx';
import { onDay } from '../parts/when.tsx';
import { Empty } from '../states/empty.tsx';
import { Listed } from '../states/listed.tsx';
import { NoOrganization } from '../states/no-organization.tsx';
import { jobs as text } from '../texts/jobs.ts';
import { jobDays, jobs, type JobsAsked } from './jobs.queries.ts';
import type { JobsSearch } from './jobs.search.ts';
import { JobsTable } from './jobs-table.tsx';

const DAYS = 30;
const PARTS = [
  ['completed', 'accent'],
  ['failed', 'bad'],
  ['canceled', 'calm'],
  ['open', 'quiet'],
] as const;
const route = getRouteApi('/inside/jobs');

export function JobsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { current } = useOrganization();
  const isHere = { enabled: current !== undefined };
  const organizationId = current?.id ?? '';
  const { project: projectId, key: keyId, status, from, to } = search;
  const of = { organizationId, projectId, keyId };
  const list = useInfiniteQuery({ ...jobs({ ...of, status, from, to }), ...isHere });
  const mine = useQuery({ ...projects(organizationId), ...isHere });
  const known = useInfiniteQuery({ ...keys({ organizationId, status: 'all' }), ...isHere });
  const set = (part: JobsSearch, ...without: (keyof JobsSearch)[]) =>
    void navigate({
      to: '/jobs',
      search: (before) => ({
        ...Object.fromEntries(Object.entries(before).filter(([name]) => !without.includes(name as never))),
        ...part,
      }),
      replace: true,
    });
  const pick = (name: 'project' | 'key' | 'status') => (value: string) => {
    set(value === '' ? {} : { [name]: value }, name);
  };
  const isFiltered = [projectId, keyId, status, from].some((part) => part !== undefined);
  const nameOf = (id: string) => mine.data?.items.find((each) => each.id === id)?.name ?? '';
  if (!current) return <NoOrganization />;
  return (
    <Page title={text.title} lead={text.lead}>
      <Days
        of={of}
        chosen={from !== undefined && from === to ? from : undefined}
        onChoose={(day) => {
          set(day === from && day === to ? {} : { from: day, to: day }, 'from', 'to');
        }}
      />
      <Filters count={list.data && text.count(list.data.items.length, list.hasNextPage)}>
        <FilterSelect
          {...text.project}
          value={projectId}
          choices={(mine.data?.items ?? []).map(({ id, name }) => [id, name])}
          onChange={pick('project')}
        />
        <FilterSelect
          {...text.status}
          value={status}
          choices={Object.entries(text.statuses)}
          onChange={pick('status')}
        />
        <FilterSelect
          {...text.key}
          value={keyId}
          choices={(known.data?.items ?? []).map(({ id, name, start }) => [id, `${name} ${start}`])}
          onChange={pick('key')}
        />
        {from !== undefined && (
          <Button
            onClick={() => {
              set({}, 'from', 'to');
            }}
          >
            {to === from ? text.onDay(onDay(from)) : text.since(onDay(from))}
            <X size={15} aria-hidden="true" />
            <span className="visually-hidden">{text.everyDay}</span>
          </Button>
        )}
      </Filters>
      <Listed query={list} what={text.list}>
        {({ items }) =>
          items.length > 0 ? (
            <>
              <JobsTable of={items} nameOf={nameOf} />
              <More of={list} />
            </>
          ) : isFiltered ? (
            <Empty icon={ListChecks} title={text.nothing.title} text={text.nothing.text}>
              <Link from="/jobs" to="." search={({ org }) => (org === undefined ? {} : { org })}>
                {text.nothing.act}
              </Link>
            </Empty>
          ) : (
            <Empty icon={ListChecks} title={text.empty.title} text={text.empty.text}>
              <Link to="/keys">{text.empty.act}</Link>
            </Empty>
          )
        }
      </Listed>
    </Page>
  );
}

interface DaysProps {
  of: JobsAsked;
  chosen: string | undefined;
  onChoose: (day: string) => void;
}

/** The last 30 days, whichever of them the list shows. */
function Days({ of, chosen, onChoose }: DaysProps) {
  const { data } = useQuery({ ...jobDays(of), enabled: of.organizationId !== '' });
  const counted = new Map(data?.items.map((each) => [each.day, each]));
  const bars = lastDays(DAYS, now()).map((day) => ({
    id: day,
    name: onDay(day),
    values: PARTS.map(([part]) => counted.get(day)?.[part] ?? 0),
  }));
  const total = bars.flatMap(({ values }) => values).reduce((all, value) => all + value, 0);
  return (
    <Bars
      label={text.bars.label(total, DAYS)}
      parts={PARTS.map(([part, tone]) => ({ name: text.bars.parts[part], tone }))}
      bars={bars}
      chosen={chosen}
      onChoose={onChoose}
      asTable={text.bars.asTable}
      head={text.bars.day}
    />
  );
}
