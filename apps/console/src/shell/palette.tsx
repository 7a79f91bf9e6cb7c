import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import { keys, members } from '../api/queries.ts';
import { Dialog } from '../parts/dialog.tsx';
import { shell } from '../texts/shell.ts';
import { useOrganization } from '../context/organization.ts';
import { useSignOut } from '../context/sign-out.ts';
import style from './palette.module.css';

const SHOWN_MAX = 9;
const { palette: text } = shell;

interface Entry {
  id: string;
  text: string;
  kind: string;
  go: () => unknown;
}
interface PaletteProps {
  pages: readonly { to: '/keys' | '/jobs' | '/projects' | '/organization' | '/settings'; label: string }[];
  onClose: () => void;
}

/** Where to go and what to do, by a few letters. A combobox: the focus stays in the field. */
export function Palette({ pages, onClose }: PaletteProps) {
  const [typed, type] = useState('');
  const [at, choose] = useState(0);
  const id = useId();
  const entries = useEntries(pages);
  const words = typed.toLowerCase().split(/\s+/);
  const found = entries
    .filter((entry) => words.every((word) => entry.text.toLowerCase().includes(word)))
    .slice(0, SHOWN_MAX);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.go();
  };
  const keyed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter') run(found[at]);
    else if (step !== undefined) choose((at + step + found.length) % Math.max(1, found.length));
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={<span className="visually-hidden">{text.title}</span>} onClose={onClose}>
      <input
        data-first
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
        aria-label={text.title}
        placeholder={text.placeholder}
        className={style.input}
        value={typed}
        onChange={(event) => {
          type(event.target.value);
          choose(0);
        }}
        onKeyDown={keyed}
        autoComplete="off"
        spellCheck={false}
      />
      <ul id={id} role="listbox" aria-label={text.found} className={style.list}>
        {found.map((entry, i) => (
          <li
            key={entry.id}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === at}
            onClick={() => {
              run(entry);
            }}
          >
            <bdi>{entry.text}</bdi>
            <small>{entry.kind}</small>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className={style.none}>{text.nothing(typed)}</p>}
    </Dialog>
  );
}

function useEntries(pages: PaletteProps['pages']): Entry[] {
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { current } = useOrganization();
  const organizationId = current?.id ?? '';
  const asked = { enabled: current !== undefined };
  const known = useInfiniteQuery({ ...keys({ organizationId, status: 'active' }), ...asked });
  const people = useInfiniteQuery({ ...members(organizationId), ...asked });
  return [
    {
      id: 'create',
      text: text.createKey,
      kind: text.do,
      go: () => navigate({ to: '/keys', search: { create: true } }),
    },
    ...(current?.role === 'owner'
      ? [{ id: 'invite', text: text.invite, kind: text.do, go: () => navigate({ to: '/organization/invitations' }) }]
      : []),
    ...pages.map(({ to, label }) => ({ id: to, text: label, kind: text.go, go: () => navigate({ to }) })),
    { id: 'sign-out', text: text.signOut, kind: text.do, go: signOut },
    ...(known.data?.items ?? []).map(({ id, name, start, projectName }) => ({
      id,
      text: `${name} · ${projectName} · ${start}`,
      kind: text.key,
      go: () => navigate({ to: '/keys/$id', params: { id } }),
    })),
    ...(people.data?.items ?? []).map(({ accountId, name, email }) => ({
      id: accountId,
      text: `${name} · ${email}`,
      kind: text.person,
      go: () => navigate({ to: '/organization/members', search: { find: email } }),
    })),
  ];
}
