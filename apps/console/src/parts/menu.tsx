import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';
import style from './menu.module.css';

interface MenuProps {
  /** What the button is for. It begins with what the button shows, where that is words. */
  label: string;
  button: ReactNode;
  buttonClass?: string | undefined;
  children: ReactNode;
  side?: 'start' | 'end';
}

/** A button and its menu: the browser's popover places and closes it; arrows, Home, End and first letters move in it. */
export function Menu({ label, button, buttonClass = '', children, side = 'end' }: MenuProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const items = () => [...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
  const move = (event: KeyboardEvent) => {
    const all = items();
    const to = target(event.key, all);
    if (to === undefined) return;
    event.preventDefault();
    all.at(to % all.length)?.focus();
  };
  // The browser tells of an opened popover a task later; keys typed at once must already move in it.
  const open = (event: KeyboardEvent<HTMLButtonElement>) => {
    if (!['Enter', ' ', 'ArrowDown'].includes(event.key)) return;
    event.preventDefault();
    list.current?.showPopover({ source: event.currentTarget });
    items()[0]?.focus();
  };
  return (
    <>
      <button
        type="button"
        className={`${style.opener} ${buttonClass}`}
        popoverTarget={id}
        aria-haspopup="menu"
        onKeyDown={open}
      >
        <span className="visually-hidden">{label}</span>
        {button}
      </button>
      <div
        ref={list}
        id={id}
        role="menu"
        aria-label={label}
        popover="auto"
        className={`${style.menu} ${style[side]}`}
        onKeyDown={move}
        onToggle={(event) => {
          if (event.newState === 'open') items()[0]?.focus();
        }}
        onClick={(event) => {
          if ((event.target as HTMLElement).closest('[role^=menuitem]')) list.current?.hidePopover();
        }}
      >
        {children}
      </div>
    </>
  );
}

/** Which item a key goes to; undefined: the key is none of the menu's. */
function target(key: string, all: readonly HTMLElement[]): number | undefined {
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (key === 'ArrowDown') return at + 1;
  if (key === 'ArrowUp') return at - 1;
  if (key === 'Home') return 0;
  if (key === 'End') return -1;
  if (key.length !== 1 || key === ' ') return undefined;
  const begins = (item: HTMLElement) => item.textContent.toLowerCase().startsWith(key.toLowerCase());
  const next = all.findIndex((item, i) => i > at && begins(item));
  const found = next < 0 ? all.findIndex(begins) : next;
  return found < 0 ? undefined : found;
}

interface MenuItemProps {
  onSelect: () => void;
  children: ReactNode;
  bad?: boolean;
  /** Of choices: whether it is the one that holds. */
  checked?: boolean;
  /** One of several that exclude each other, or a switch of its own. */
  kind?: 'radio' | 'checkbox';
}
export const MenuItem = ({ onSelect, children, bad = false, checked, kind = 'radio' }: MenuItemProps) => (
  <button
    type="button"
    role={checked === undefined ? 'menuitem' : `menuitem${kind}`}
    aria-checked={checked}
    tabIndex={-1}
    className={`${style.item} ${bad ? style.bad : ''}`}
    onClick={onSelect}
  >
    {children}
  </button>
);
