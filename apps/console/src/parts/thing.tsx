import type { ReactNode } from 'react';
import style from './thing.module.css';

interface ThingHeadProps {
  name: ReactNode;
  /** What is said of it under its name. */
  of?: ReactNode;
  /** What one can do with it. */
  children?: ReactNode;
}

/** Above the page of one thing: its name, its state, and what one can do with it. */
export const ThingHead = ({ name, of, children }: ThingHeadProps) => (
  <div className={style.head}>
    <div>
      <h1>{name}</h1>
      {of !== undefined && <div className={style.of}>{of}</div>}
    </div>
    {children !== undefined && <div className={style.acts}>{children}</div>}
  </div>
);
