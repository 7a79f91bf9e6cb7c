import { useNavigate } from '@tanstack/react-router';
import { CircleHelp, Clock, Keyboard, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { Avatar } from '../parts/person.tsx';
import { Menu, MenuItem } from '../parts/menu.tsx';
import { chooseExactTimes, useExactTimes } from '../parts/when.tsx';
import { shell } from '../texts/shell.ts';
import { useMe } from '../context/organization.ts';
import { chooseSingleKeys, useSingleKeys } from './shortcuts.ts';
import { useSignOut } from '../context/sign-out.ts';
import { chooseTheme, useTheme } from './theme.ts';
import style from './shell.module.css';

const THEMES = [
  ['system', Monitor],
  ['light', Sun],
  ['dark', Moon],
] as const;

export function PersonMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const { name, email } = useMe().account;
  const theme = useTheme();
  const areExact = useExactTimes();
  const areSingle = useSingleKeys();
  const signOut = useSignOut();
  const navigate = useNavigate();
  return (
    <Menu label={shell.person(name)} button={<Avatar name={name} />} buttonClass={style.person}>
      <p className={style.menuHead}>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <br />
        {email}
      </p>
      {THEMES.map(([value, Icon]) => (
        <MenuItem
          key={value}
          checked={theme === value}
          onSelect={() => {
            chooseTheme(value);
          }}
        >
          <Icon size={15} aria-hidden="true" />
          {shell.themes[value]}
        </MenuItem>
      ))}
      <hr className={style.rule} />
      <MenuItem
        kind="checkbox"
        checked={areExact}
        onSelect={() => {
          chooseExactTimes(!areExact);
        }}
      >
        <Clock size={15} aria-hidden="true" />
        {shell.exactTimes}
      </MenuItem>
      <MenuItem
        kind="checkbox"
        checked={areSingle}
        onSelect={() => {
          chooseSingleKeys(!areSingle);
        }}
      >
        <Keyboard size={15} aria-hidden="true" />
        {shell.singleKeys}
      </MenuItem>
      <MenuItem onSelect={onShortcuts}>
        <Keyboard size={15} aria-hidden="true" />
        {shell.shortcuts.title}
      </MenuItem>
      <MenuItem onSelect={() => void navigate({ to: '/help/account' })}>
        <CircleHelp size={15} aria-hidden="true" />
        {shell.help}
      </MenuItem>
      <hr className={style.rule} />
      <MenuItem onSelect={() => void signOut()}>
        <LogOut size={15} aria-hidden="true" />
        {shell.signOut}
      </MenuItem>
    </Menu>
  );
}
