import { states } from '../texts/common.ts';
import style from './states.module.css';

/** Nothing for 200 ms, then the bones of the list: what comes stands where they stood. */
export const Loading = ({ what, rows = 5 }: { what: string; rows?: number }) => (
  <div className={style.bones} role="status" aria-busy="true" aria-label={states.loading(what)}>
    {Array.from({ length: rows }, (_, i) => (
      <span key={i} />
    ))}
  </div>
);
