import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { FolderClosed, Plus } from 'lucide-react';
import { useState } from 'react';
import { api, type Item } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { useOrganization } from '../context/organization.ts';
import { AskText } from '../parts/ask-text.tsx';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { Filters, FilterChoice } from '../parts/filters.tsx';
import { More } from '../parts/more.tsx';
import { Page } from '../parts/page.tsx';
import { Empty } from '../states/empty.tsx';
import { Listed } from '../states/listed.tsx';
import { NoOrganization } from '../states/no-organization.tsx';
import { projects as text } from '../texts/projects.ts';
import { allProjects } from './projects.queries.ts';
import style from './projects.module.css';

type Project = Item<'/v1/organizations/:id/projects'>;

export function ProjectsPage() {
  const { current } = useOrganization();
  const list = useInfiniteQuery({ ...allProjects(current?.id ?? ''), enabled: current !== undefined });
  const [which, choose] = useState('active');
  const [isCreating, create] = useState(false);
  const isOwner = current?.role === 'owner';
  const act = isOwner && (
    <Button
      look="solid"
      writes
      onClick={() => {
        create(true);
      }}
    >
      <Plus size={16} aria-hidden="true" />
      {text.create}
    </Button>
  );
  const shown = (items: readonly Project[]) => items.filter(({ status }) => which === 'all' || status === 'active');
  if (!current) return <NoOrganization />;
  return (
    <Page title={text.title} lead={text.lead} action={act}>
      <Filters count={list.data && text.count(shown(list.data.items).length)}>
        <FilterChoice
          label={text.which.label}
          value={which}
          choices={[
            ['active', text.which.active],
            ['all', text.which.all],
          ]}
          onChange={choose}
        />
      </Filters>
      <Listed query={list} what={text.list}>
        {({ items }) =>
          shown(items).length === 0 ? (
            <Empty icon={FolderClosed} {...text.empty[isOwner ? 'owner' : 'member']}>
              {act}
            </Empty>
          ) : (
            <>
              <ul className={style.cards}>
                {shown(items).map((each) => (
                  <Card key={each.id} of={each} />
                ))}
              </ul>
              <More of={list} />
            </>
          )
        }
      </Listed>
      {isCreating && current && (
        <Create
          organizationId={current.id}
          onClose={() => {
            create(false);
          }}
        />
      )}
    </Page>
  );
}

const Card = ({ of: { id, name, status, member, counts } }: { of: Project }) => (
  <li className={style.card}>
    <h2>
      <Link to="/projects/$id" params={{ id }}>
        <bdi>{name}</bdi>
      </Link>
    </h2>
    <p>
      {status === 'archived' && <Chip tone="calm">{text.archived}</Chip>}
      {!member && <Chip tone="calm">{text.notIn}</Chip>}
    </p>
    <dl>
      {(
        [
          [text.counts.people, counts.people],
          [text.counts.keys, counts.activeKeys],
          [text.counts.jobs, counts.jobs],
        ] as const
      ).map(([what, n]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{n === null ? text.unknown : n.toLocaleString('en')}</dd>
        </div>
      ))}
    </dl>
  </li>
);

function Create({ organizationId: id, onClose }: { organizationId: string; onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (
    <AskText
      title={text.createTitle}
      label={text.name}
      hint={text.nameHint}
      act={text.create}
      onSave={async (name, once) => {
        const made = await api.post('/v1/organizations/:id/projects', { params: { id }, body: { name }, once });
        await renew(queries, 'projects');
        await navigate({ to: '/projects/$id', params: { id: made.id } });
      }}
      onClose={onClose}
    />
  );
}
