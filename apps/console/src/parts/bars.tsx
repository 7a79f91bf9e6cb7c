import type { ReactNode } from 'react';
import style from './bars.module.css';

const WIDTH = 720;
const HEIGHT = 120;
const GAP = 0.25;

/** A part of a bar, from the bottom up. */
export interface Part {
  name: string;
  tone: 'accent' | 'bad' | 'calm' | 'quiet';
}
export interface Bar {
  id: string;
  /** "29 November 2026": what it stands for. */
  name: string;
  /** In the order of the parts. */
  values: readonly number[];
}

interface BarsProps {
  label: string;
  parts: readonly Part[];
  bars: readonly Bar[];
  chosen?: string | undefined;
  onChoose: (id: string) => void;
  /** What opens the same figures as a table, and what its first column is called. */
  asTable: string;
  head: string;
}

/** Bars over time, one of which can be chosen: by pointer in the picture, by keys in the table below it, which has the same figures. */
export function Bars({ label, parts, bars, chosen, onChoose, asTable, head }: BarsProps) {
  const top = Math.max(1, ...bars.map(sum));
  const step = WIDTH / Math.max(1, bars.length);
  const filled = bars.filter((bar) => sum(bar) > 0);
  return (
    <figure className={style.figure}>
      <p className={style.most} aria-hidden="true">
        {top.toLocaleString('en')}
      </p>
      <svg
        className={style.bars}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {bars.map((bar, i) => (
          <g
            key={bar.id}
            data-id={bar.id}
            className={`${style.bar} ${chosen !== undefined && chosen !== bar.id ? style.other : ''}`}
            onClick={() => {
              onChoose(bar.id);
            }}
          >
            <title>{`${bar.name}: ${parts.flatMap(({ name }, at) => (bar.values[at] ? [`${bar.values[at]} ${name}`] : [])).join(', ') || '0'}`}</title>
            <rect className={style.whole} x={i * step} y={0} width={step} height={HEIGHT} />
            {stacked(bar, top).map(({ y, height }, at) => (
              <rect
                key={parts[at]?.name}
                className={style[parts[at]?.tone ?? 'quiet']}
                x={(i + GAP / 2) * step}
                width={step * (1 - GAP)}
                y={y}
                height={height}
              />
            ))}
          </g>
        ))}
      </svg>
      <p className={style.ends} aria-hidden="true">
        <span>{bars[0]?.name}</span>
        <span>{bars.at(-1)?.name}</span>
      </p>
      <figcaption className={style.legend}>
        {parts.map(({ name, tone }) => (
          <span key={name} className={style[tone]}>
            {name}
          </span>
        ))}
      </figcaption>
      {filled.length > 0 && (
        <Twin summary={asTable} heads={[head, ...parts.map(({ name }) => name)]}>
          {filled.toReversed().map((bar) => (
            <tr key={bar.id}>
              <th scope="row">
                <button
                  type="button"
                  aria-pressed={chosen === bar.id}
                  onClick={() => {
                    onChoose(bar.id);
                  }}
                >
                  {bar.name}
                </button>
              </th>
              {bar.values.map((value, at) => (
                <td key={parts[at]?.name}>{value}</td>
              ))}
            </tr>
          ))}
        </Twin>
      )}
    </figure>
  );
}

const sum = ({ values }: Bar) => values.reduce((all, value) => all + value, 0);

const stacked = ({ values }: Bar, top: number) => {
  let below = 0;
  return values.map((value) => {
    const height = (value / top) * HEIGHT;
    below += height;
    return { y: HEIGHT - below, height };
  });
};

/** The figures of a picture, for those who do not see it or want them exactly. */
export const Twin = ({
  summary,
  heads,
  children,
}: {
  summary: string;
  heads: readonly string[];
  children: ReactNode;
}) => (
  <details className={style.twin}>
    <summary>{summary}</summary>
    {/* It may be long and wide: it scrolls, by keys too. */}
    <div tabIndex={0} role="region" aria-label={summary}>
      <table>
        <thead>
          <tr>
            {heads.map((each) => (
              <th key={each} scope="col">
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  </details>
);
