import style from './roll.module.css';

const STEP = 4;
const TALL = 14;
const SHORT = 4;

/** The roll: one mark a day, tall when it was there. Whoever cannot see it reads the label. All marks of a kind are one path: a table has thousands. */
export const Roll = ({ days, label }: { days: readonly boolean[]; label: string }) => {
  const marks = (isPresent: boolean, height: number) =>
    days.map((is, i) => (is === isPresent ? `M${i * STEP + 1} ${TALL - height + 1}V${TALL - 1}` : '')).join('');
  return (
    <svg
      className={style.roll}
      viewBox={`0 0 ${days.length * STEP} ${TALL}`}
      width={days.length * STEP}
      height={TALL}
      role="img"
      aria-label={label}
    >
      <path d={marks(false, SHORT)} className={style.absent} />
      <path d={marks(true, TALL)} className={style.present} />
    </svg>
  );
};

const DAY_MS = 86_400_000;

/** The last days up to `until` (ms), oldest first, UTC, as `2026-11-29`. */
export const lastDays = (count: number, until: number): string[] =>
  Array.from({ length: count }, (_, i) => new Date(until - (count - 1 - i) * DAY_MS).toISOString().slice(0, 10));
