import style from './roll.module.css';

const STEP = 4;
const TALL = 14;
const SHORT = 4;

/** The roll: one mark a day, tall when it was there. Whoever cannot see it reads the label. */
export const Roll = ({ days, label }: { days: readonly boolean[]; label: string }) => (
  <svg
    className={style.roll}
    viewBox={`0 0 ${days.length * STEP} ${TALL}`}
    width={days.length * STEP}
    height={TALL}
    role="img"
    aria-label={label}
  >
    {days.map((isPresent, i) => (
      <rect
        key={i}
        x={i * STEP}
        width={2}
        y={isPresent ? 0 : TALL - SHORT}
        height={isPresent ? TALL : SHORT}
        rx={1}
        className={isPresent ? style.present : style.absent}
      />
    ))}
  </svg>
);

const DAY_MS = 86_400_000;

/** The last days up to `until` (ms), oldest first, UTC, as `2026-11-29`. */
export const lastDays = (count: number, until: number): string[] =>
  Array.from({ length: count }, (_, i) => new Date(until - (count - 1 - i) * DAY_MS).toISOString().slice(0, 10));
