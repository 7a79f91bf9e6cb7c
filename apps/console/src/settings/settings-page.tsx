import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { inactivity, security, sessions } from '../api/queries.ts';
import { useMe } from '../context/organization.ts';
import { Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { settings as text } from '../texts/settings.ts';
import { Inactivity } from './inactivity.tsx';
import { listed, useNames } from './organizations.ts';
import { Profile } from './profile.tsx';
import { Sessions } from './sessions.tsx';
import { SettingsDialogs } from './settings-dialogs.tsx';
import { SignIn } from './sign-in.tsx';
import style from './settings-page.module.css';

/** What is open while a second factor is missing that an organization asks for. */
const CONFINED: readonly string[] = ['sign-in', 'sessions'];

/** All that is one's own account, on one page. */
export function SettingsPage() {
  const { confined } = useMe().session;
  const known = useQuery(security);
  const isWhole = [known, useQuery(sessions), useQuery({ ...inactivity, enabled: !confined })].every(
    ({ isPending, fetchStatus }) => !isPending || fetchStatus === 'idle',
  );
  const demanders = useNames(known.data?.multiFactor.demandedBy ?? []);
  // What the address names can be shown once all above it has its height.
  useEffect(() => {
    if (isWhole && location.hash !== '') document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [isWhole]);
  return (
    <div className={style.layout}>
      <nav aria-label={text.nav} className={style.aside}>
        {text.parts
          .filter(([id]) => !confined || CONFINED.includes(id))
          .map(([id, label]) => (
            <Link key={id} to="/settings" hash={id} activeProps={{}}>
              {label}
            </Link>
          ))}
        <Link to="/help/account">{text.help}</Link>
      </nav>
      <div>
        <Page title={text.title}>
          <div className={style.parts}>
            {confined && (
              <Notice tone="warn">{text.confined(demanders.length === 0 ? text.confinedBy : listed(demanders))}</Notice>
            )}
            {!confined && <Profile />}
            <SignIn />
            <Sessions />
            {!confined && <Inactivity />}
          </div>
        </Page>
      </div>
      <SettingsDialogs />
    </div>
  );
}
