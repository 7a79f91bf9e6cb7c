import { Outlet } from '@tanstack/react-router';
import { Tally } from './tally.tsx';
import style from './ways.module.css';

/** Around every way in: what one does, beside a roll that has been called. */
export const Ways = () => (
  <div className={style.page}>
    <main id="main" className={style.main} tabIndex={-1}>
      <Outlet />
    </main>
    <Tally />
  </div>
);
