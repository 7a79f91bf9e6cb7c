import { Twin } from './bars.tsx';
import style from './histogram.module.css';

/** How many states are drawn. */
export const DRAWN_MAX = 32;
const ROW = 22;
const WIDTH = 600;

interface HistogramProps {
  label: string;
  /** Likeliest first: what was measured, how likely, how often. */
  states: readonly { state: string; probability: number; count: number | null }[];
  asTable: string;
  heads: { state: string; probability: string; count: string };
}

/** How likely each measured state is: the 32 likeliest as bars, all that are here as a table. */
export function Histogram({ label, states, asTable, heads }: HistogramProps) {
  const shown = states.slice(0, DRAWN_MAX);
  const top = Math.max(...shown.map(({ probability }) => probability), Number.EPSILON);
  const hasCounts = states.some(({ count }) => count !== null);
  return (
    <figure className={style.figure}>
      <div className={style.bars} role="img" aria-label={label}>
        {shown.map(({ state, probability }) => (
          <div key={state} className={style.row}>
            <code>{state}</code>
            <svg viewBox={`0 0 ${WIDTH} ${ROW}`} preserveAspectRatio="none">
              <rect width={WIDTH} height={ROW} className={style.track} />
              <rect width={(probability / top) * WIDTH} height={ROW} className={style.bar} />
            </svg>
            <span>{percent(probability)}</span>
          </div>
        ))}
      </div>
      <Twin summary={asTable} heads={[heads.state, heads.probability, ...(hasCounts ? [heads.count] : [])]}>
        {states.map(({ state, probability, count }) => (
          <tr key={state}>
            <th scope="row">
              <code>{state}</code>
            </th>
            <td>{probability}</td>
            {hasCounts && <td>{count}</td>}
          </tr>
        ))}
      </Twin>
    </figure>
  );
}

const percent = (part: number) => part.toLocaleString('en', { style: 'percent', maximumFractionDigits: 2 });
