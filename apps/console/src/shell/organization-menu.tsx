import { useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown, Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Menu, MenuItem } from '../parts/menu.tsx';
import { shell } from '../texts/shell.ts';
import { useOrganization } from '../context/organization.ts';
import style from './shell.module.css';

const NewOrganization = lazy(() =>
  import('./new-organization.tsx').then(({ NewOrganization: it }) => ({ default: it })),
);

/** Which organization the pages are about. It stands in the address, so that tabs may differ. */
export function OrganizationMenu() {
  const { all, current } = useOrganization();
  const navigate = useNavigate();
  const [isMaking, make] = useState(false);
  const name = current?.name ?? shell.noOrganization;
  return (
    <>
      <Menu
        label={shell.organization(name)}
        side="start"
        buttonClass={style.org}
        button={
          <>
            <bdi aria-hidden="true">{name}</bdi>
            <ChevronsUpDown size={14} aria-hidden="true" />
          </>
        }
      >
        <p className={style.menuHead}>{shell.organizations}</p>
        {all.map(({ id, name: other, role }) => (
          <MenuItem
            key={id}
            checked={id === current?.id}
            onSelect={() => void navigate({ to: '.', search: (before) => ({ ...before, org: id }) })}
          >
            <bdi>{other}</bdi>
            <small>{shell.role[role]}</small>
          </MenuItem>
        ))}
        <hr className={style.rule} />
        <MenuItem
          onSelect={() => {
            make(true);
          }}
        >
          <Plus size={15} aria-hidden="true" />
          {shell.newOrganization}
        </MenuItem>
      </Menu>
      <Suspense>
        {isMaking && (
          <NewOrganization
            onClose={() => {
              make(false);
            }}
          />
        )}
      </Suspense>
    </>
  );
}
