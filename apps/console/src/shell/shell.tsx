import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { Building2, FolderClosed, KeyRound, ListChecks, Search, UserRound } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { onSignal } from '../api/signals.ts';
import { Offline } from '../states/offline.tsx';
import { shell } from '../texts/shell.ts';
import { Mark } from '../parts/mark.tsx';
import { OrganizationMenu } from './organization-menu.tsx';
import { PersonMenu } from './person-menu.tsx';
import { useIdle } from './use-idle.ts';
import { Proof } from './proof.tsx';
import { useShortcuts } from './shortcuts.ts';
import style from './shell.module.css';

const Palette = lazy(() => import('./palette.tsx').then(({ Palette: it }) => ({ default: it })));
const Shortcuts = lazy(() => import('./shortcuts-dialog.tsx').then(({ ShortcutsDialog: it }) => ({ default: it })));
const Idle = lazy(() => import('./idle.tsx').then(({ Idle: it }) => ({ default: it })));
const { pages } = shell;

const PAGES = [
  { to: '/keys', label: pages.keys, icon: KeyRound },
  { to: '/jobs', label: pages.jobs, icon: ListChecks },
  { to: '/projects', label: pages.projects, icon: FolderClosed },
  { to: '/organization', label: pages.organization, icon: Building2 },
  { to: '/settings', label: pages.settings, short: pages.settingsShort, icon: UserRound },
] as const;

/** What stands around every page of somebody who is signed in. */
export function Shell() {
  const [opened, open] = useState<'palette' | 'shortcuts'>();
  const main = useRef<HTMLElement>(null);
  const navigate = useNavigate();
  const { pathname, href } = useLocation();
  const shownAt = useRef(pathname);
  const isLeaving = useRef(false);
  const idle = useIdle();
  useShortcuts({
    'Mod+K': () => {
      open('palette');
    },
    '?': () => {
      open('shortcuts');
    },
    '/': () => document.querySelector<HTMLElement>('input[type=search]')?.focus(),
    'c': () => void navigate({ to: '/keys', search: { create: true } }),
  });
  // A new page is told to those who do not see it: the focus goes to where it begins.
  useEffect(() => {
    if (shownAt.current !== pathname) main.current?.focus({ preventScroll: true });
    shownAt.current = pathname;
  }, [pathname]);
  useEffect(
    () =>
      onSignal((signal) => {
        // Several requests, and other tabs, say it at once; by the second time the address is another.
        if (isLeaving.current) return;
        isLeaving.current = true;
        const gone = () => {
          isLeaving.current = false;
        };
        if (signal === 'suspended') void navigate({ to: '/suspended' }).finally(gone);
        else void navigate({ to: '/sign-in', search: { to: href, ended: true } }).finally(gone);
      }),
    [navigate, href],
  );
  const close = () => {
    open(undefined);
  };
  return (
    <>
      <a href="#main" className={style.skip}>
        {shell.skip}
      </a>
      <Offline />
      <header className={style.top}>
        <Link to="/keys" className={style.mark} aria-label={shell.home}>
          <Mark />
        </Link>
        <OrganizationMenu />
        <nav aria-label={shell.main} className={style.nav}>
          {PAGES.map(({ to, label, icon: Icon, ...page }) => (
            <Link key={to} to={to} activeProps={{ 'aria-current': 'page' }}>
              <Icon size={17} aria-hidden="true" />
              <span className={style.long}>{label}</span>
              <span className={style.short}>{'short' in page ? page.short : label}</span>
            </Link>
          ))}
        </nav>
        <button
          type="button"
          className={style.search}
          onClick={() => {
            open('palette');
          }}
          aria-keyshortcuts="Control+K Meta+K"
        >
          <Search size={15} aria-hidden="true" />
          <span className="visually-hidden">{shell.search}</span>
          <kbd aria-hidden="true">{/Mac|iP/.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K'}</kbd>
        </button>
        <PersonMenu
          onShortcuts={() => {
            open('shortcuts');
          }}
        />
      </header>
      <main id="main" ref={main} tabIndex={-1} className={style.main}>
        <Proof>
          <Outlet />
        </Proof>
      </main>
      <Suspense>
        {opened === 'palette' && <Palette pages={PAGES} onClose={close} />}
        {idle.endsAt !== undefined && <Idle endsAt={idle.endsAt} stay={idle.stay} />}
        {opened === 'shortcuts' && <Shortcuts onClose={close} />}
      </Suspense>
    </>
  );
}
