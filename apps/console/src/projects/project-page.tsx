import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Ellipsis, Search, UserMinus, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { type Answer, api, type Item } from '../api/client.ts';
import { keys, members, renew } from '../api/queries.ts';
import { useOrganization } from '../context/organization.ts';
import { useWhole } from '../context/whole.ts';
import { AskText } from '../parts/ask-text.tsx';
import { Back } from '../parts/back.tsx';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Select } from '../parts/field.tsx';
import { FilterField, Filters } from '../parts/filters.tsx';
import { Form } from '../parts/form.tsx';
import { Menu, MenuItem } from '../parts/menu.tsx';
import { More } from '../parts/more.tsx';
import { useTitle } from '../parts/page.tsx';
import { Person } from '../parts/person.tsx';
import { Table } from '../parts/table.tsx';
import { ThingHead } from '../parts/thing.tsx';
import { When } from '../parts/when.tsx';
import { Listed } from '../states/listed.tsx';
import { common } from '../texts/common.ts';
import { projects } from '../texts/projects.ts';
import { shell } from '../texts/shell.ts';
import { openJobs, project as projectQuery, projectMembers } from './projects.queries.ts';
import style from './projects.module.css';

const { detail: text } = projects;
const route = getRouteApi('/inside/projects/$id');

type Project = Answer<'GET', '/v1/projects/:id'>;
type Member = Item<'/v1/projects/:id/members'>;
interface DialogOf {
  of: Project;
  onClose: () => void;
}

export function ProjectPage() {
  const { id } = route.useParams();
  const project = useQuery(projectQuery(id));
  useTitle(project.data?.name ?? projects.title);
  return (
    <>
      <Back to="/projects" text={text.back} />
      <Listed query={project} what={projects.list}>
        {(known) => <Detail of={known} />}
      </Listed>
    </>
  );
}

function Detail({ of: project }: { of: Project }) {
  const { all } = useOrganization();
  const isOwner = all.find(({ id }) => id === project.organizationId)?.role === 'owner';
  const isOpen = project.status === 'active';
  const [opened, open] = useState<'rename' | 'archive' | 'add'>();
  const [removing, remove] = useState<Member>();
  const close = () => {
    open(undefined);
    remove(undefined);
  };
  return (
    <div className={style.page}>
      <ThingHead
        name={<bdi>{project.name}</bdi>}
        of={
          <>
            {!isOpen && <Chip tone="calm">{projects.archived}</Chip>}
            {!project.member && <Chip tone="calm">{projects.notIn}</Chip>}
            <Link to="/keys" search={{ project: project.id }}>
              {text.keysLink(project.counts.activeKeys)}
            </Link>
            <Link to="/jobs" search={{ project: project.id }}>
              {text.jobsLink(project.counts.jobs)}
            </Link>
            <span>
              {text.created} <When at={project.createdAt} />
            </span>
          </>
        }
      >
        {isOwner && isOpen && (
          <>
            <Button
              writes
              onClick={() => {
                open('rename');
              }}
            >
              {text.rename}
            </Button>
            <Button
              look="bad"
              writes
              onClick={() => {
                open('archive');
              }}
            >
              {text.archive}
            </Button>
          </>
        )}
      </ThingHead>
      <People
        of={project}
        {...(isOwner && isOpen
          ? {
              onAdd: () => {
                open('add');
              },
              onRemove: remove,
            }
          : {})}
      />
      {opened === 'rename' && <Rename of={project} onClose={close} />}
      {opened === 'archive' && <Archive of={project} onClose={close} />}
      {opened === 'add' && <Add of={project} onClose={close} />}
      {removing && <Remove of={project} who={removing} onClose={close} />}
    </div>
  );
}

interface PeopleProps {
  of: Project;
  onAdd?: () => void;
  onRemove?: (who: Member) => void;
}

function People({ of: { id }, onAdd, onRemove }: PeopleProps) {
  const list = useInfiniteQuery(projectMembers(id));
  const [find, look] = useState('');
  const matching = (items: readonly Member[]) =>
    items.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(find.toLowerCase()));
  return (
    <section className={style.people}>
      <div>
        <div>
          <h2>{text.people}</h2>
          <p>{text.peopleLead}</p>
        </div>
        {onAdd && (
          <Button writes onClick={onAdd}>
            <UserPlus size={16} aria-hidden="true" />
            {text.add}
          </Button>
        )}
      </div>
      <Filters count={list.data && text.countPeople(matching(list.data.items).length, list.hasNextPage)}>
        <FilterField icon={Search} {...text.find} value={find} onChange={look} />
      </Filters>
      <Listed query={list} what={text.people}>
        {({ items }) => (
          <>
            <Table
              caption={text.people}
              rows={matching(items)}
              idOf={({ accountId }) => accountId}
              columns={[
                {
                  head: text.columns.person,
                  kind: 'name',
                  cell: ({ name, email }) => (
                    <>
                      <div>
                        <Person name={name} />
                      </div>
                      <small>{email}</small>
                    </>
                  ),
                },
                { head: text.columns.role, cell: ({ role }) => shell.role[role] },
                ...(onRemove
                  ? [
                      {
                        head: text.columns.act,
                        kind: 'act' as const,
                        cell: (who: Member) => (
                          <Menu
                            label={text.actions(who.name)}
                            button={<Ellipsis size={17} aria-hidden="true" />}
                            buttonClass={style.dots}
                          >
                            <MenuItem
                              bad
                              onSelect={() => {
                                onRemove(who);
                              }}
                            >
                              <UserMinus size={15} aria-hidden="true" />
                              {text.removeItem}
                            </MenuItem>
                          </Menu>
                        ),
                      },
                    ]
                  : []),
              ]}
            />
            <More of={list} />
          </>
        )}
      </Listed>
    </section>
  );
}

function Rename({ of: { id, name }, onClose }: DialogOf) {
  const queries = useQueryClient();
  return (
    <AskText
      title={text.renameTitle(name)}
      label={projects.name}
      value={name}
      onSave={async (to, once) => {
        await api.post('/v1/projects/:id/rename', { params: { id }, body: { name: to }, once });
        await renew(queries, 'project', 'projects', 'keys');
      }}
      onClose={onClose}
    />
  );
}

function Archive({ of: { id, name, counts }, onClose }: DialogOf) {
  const queries = useQueryClient();
  const { data: running } = useQuery(openJobs(id));
  return (
    <Confirm
      title={text.archiveTitle(name)}
      act={text.archive}
      onAct={async (once) => {
        await api.post('/v1/projects/:id/archive', { params: { id }, body: {}, once });
        await renew(queries, 'project', 'projects', 'keys', 'key');
      }}
      onClose={onClose}
    >
      <p>
        <strong>{text.archiveText(counts.activeKeys, running ?? null)}</strong>
      </p>
      <p className={style.hint}>{text.archiveHint}</p>
    </Confirm>
  );
}

function Add({ of: { id, name, organizationId }, onClose }: DialogOf) {
  const queries = useQueryClient();
  const all = useInfiniteQuery(members(organizationId));
  const inside = useInfiniteQuery(projectMembers(id));
  useWhole(all);
  useWhole(inside);
  const there = new Set(inside.data?.items.map(({ accountId }) => accountId));
  const others = (all.data?.items ?? []).filter(({ accountId }) => !there.has(accountId));
  return (
    <Dialog title={text.addTitle(name)} size="s" onClose={onClose}>
      <Form
        onSubmit={async (values, once) => {
          const body = { accountId: values.text('accountId') };
          await api.post('/v1/projects/:id/add-member', { params: { id }, body, once });
          await renew(queries, 'project', 'projects', 'members');
          onClose();
        }}
      >
        {others.length > 0 || !all.data ? (
          <Select label={text.person} name="accountId" hint={text.addHint} data-first>
            {others.map(({ accountId, name: person, email }) => (
              <option key={accountId} value={accountId}>
                {`${person} · ${email}`}
              </option>
            ))}
          </Select>
        ) : (
          <p>{text.nobody}</p>
        )}
        <DialogFoot>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="solid" type="submit" writes disabled={others.length === 0}>
            {text.add}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}

function Remove({ of: { id, name, organizationId }, who, onClose }: DialogOf & { who: Member }) {
  const queries = useQueryClient();
  const { accountId } = who;
  const theirs = useInfiniteQuery(keys({ organizationId, projectId: id, accountId, status: 'active' }));
  return (
    <Confirm
      title={text.removeTitle(who.name, name)}
      act={text.remove}
      onAct={async (once) => {
        await api.post('/v1/projects/:id/remove-member', { params: { id }, body: { accountId }, once });
        await renew(queries, 'project', 'projects', 'members', 'keys', 'key');
      }}
      onClose={onClose}
    >
      {theirs.data && (
        <p>
          <strong>
            {text.revoked(
              theirs.data.items.map((key) => key.name),
              theirs.hasNextPage,
            )}
          </strong>
        </p>
      )}
      <p className={style.hint}>{text.removeText}</p>
    </Confirm>
  );
}
