import { useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown } from 'lucide-react';
import { Menu, MenuItem } from '../parts/menu.tsx';
import { shell } from '../texts/shell.ts';
import { useOrganization } from '../context/organization.ts';
import style from './shell.module.css';

/** Which organization the pages are about. It stands in the address, so that tabs may differ. */
export function OrganizationMenu() {
  const { all, current } = useOrganization();
  const navigate = useNavigate();
  const name = current?.name ?? shell.noOrganization;
  return (
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
    </Menu>
  );
}
