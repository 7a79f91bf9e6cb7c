import { Outlet } from '@tanstack/react-router';
import { Offline } from '../states/offline.tsx';
import { Tally } from './tally.tsx';
import style from './ways.module.css';

/** Around every way in: what one does, beside a roll that has been called. */
export const Ways = () => (
  <>
    <Offline />
    <div className={style.page}>
      <main id="main" className={style.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Tally />
    </div>
  </>
);
