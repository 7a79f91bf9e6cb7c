import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { keys, members } from '../api/queries.ts';
import { useWhole } from '../context/whole.ts';
import { FilterSelect, Filters } from '../parts/filters.tsx';
import { More } from '../parts/more.tsx';
import { Events } from '../record/events.tsx';
import { record } from '../record/record.queries.ts';
import { Empty } from '../states/empty.tsx';
import { Listed } from '../states/listed.tsx';
import { activity as text } from '../texts/organization.ts';
import { kinds } from '../texts/record.ts';
import type { ActivitySearch } from './organization.search.ts';
import { OwnersOnly, Part } from './part.tsx';

const route = getRouteApi('/inside/organization/activity');

export const ActivityPage = () => <OwnersOnly>{({ id }) => <Activity of={id} />}</OwnersOnly>;

function Activity({ of: organizationId }: { of: string }) {
  const { person, kind, key } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(record({ organizationId, actorId: person, kind, keyId: key }));
  const people = useInfiniteQuery(members(organizationId));
  const known = useInfiniteQuery(keys({ organizationId, status: 'all' }));
  useWhole(people);
  useWhole(known);
  const pick = (name: keyof ActivitySearch) => (value: string) =>
    void navigate({
      search: ({ [name]: _, ...rest }) => ({ ...rest, ...(value === '' ? {} : { [name]: value }) }),
      replace: true,
    });
  return (
    <Part title={text.title} lead={text.lead}>
      <Filters>
        <FilterSelect
          {...text.person}
          value={person}
          choices={(people.data?.items ?? []).map(({ accountId, name }) => [accountId, name])}
          onChange={pick('person')}
        />
        <FilterSelect
          {...text.kind}
          value={kind}
          choices={Object.entries(kinds).map(([name, [label]]) => [name, label])}
          onChange={pick('kind')}
        />
        <FilterSelect
          {...text.key}
          value={key}
          choices={(known.data?.items ?? []).map(({ id, name, start }) => [id, `${name} ${start}`])}
          onChange={pick('key')}
        />
      </Filters>
      <Listed query={list} what={text.title}>
        {({ items }) =>
          items.length > 0 ? (
            <>
              <Events of={items} />
              <More of={list} />
            </>
          ) : (person ?? kind ?? key) === undefined ? (
            <Empty icon={History} title={text.empty.title} text={text.empty.text} />
          ) : (
            <Empty icon={History} title={text.nothing.title} text={text.nothing.text}>
              <Link to="/organization/activity" search={({ org }) => (org === undefined ? {} : { org })}>
                {text.nothing.act}
              </Link>
            </Empty>
          )
        }
      </Listed>
    </Part>
  );
}
