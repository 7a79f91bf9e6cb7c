import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { takeWelcome, welcome } from '../context/welcome.ts';
import { Page } from '../parts/page.tsx';
import { onDay } from '../parts/when.tsx';
import { settings } from '../texts/settings.ts';
import style from './settings-page.module.css';

const { welcomeBack: text } = settings;

/** After a sign-in that was the first activity since a warning: what it was good for, said once. */
export function WelcomeBackPage() {
  const [until] = useState(welcome);
  useEffect(() => {
    takeWelcome();
  }, []);
  return (
    <Page title={text.title} lead={until === undefined ? text.still : text.until(onDay(until))}>
      <Link to="/keys" className={style.link}>
        {text.go}
      </Link>
    </Page>
  );
}
