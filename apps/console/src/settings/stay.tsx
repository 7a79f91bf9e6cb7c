import type { Answer } from '../api/client.ts';
import { now } from '../api/clock.ts';
import { lastDays } from '../parts/roll.tsx';
import { onDay } from '../parts/when.tsx';
import { settings } from '../texts/settings.ts';
import style from './inactivity.module.css';

const DAY_MS = 86_400_000;
const DAYS = 180;
const [STEP, TALL, SHORT] = [4, 26, 8];
const { inactivity: text } = settings;
type Inactive = Answer<'GET', '/v1/account/inactivity'>;

const daysTo = (at: string) => Math.max(0, Math.ceil((Date.parse(at) - now()) / DAY_MS));

/** The roll of the account: the last 180 days, tall where it was active, and the days ahead, until the warning and from it on. */
export function Stay({
  of: { days, dueAt, warningAt, status },
}: {
  of: Pick<Inactive, 'days' | 'dueAt' | 'warningAt' | 'status'>;
}) {
  const active = new Set(days.map(({ day }) => day));
  const past = lastDays(DAYS, now());
  const [left, warned] = [daysTo(dueAt), daysTo(warningAt)];
  const shown = Math.max(DAYS, left);
  return (
    <>
      <figure className={style.figure}>
        <Marks
          label={text.past(days.length)}
          count={DAYS}
          of={(i) => (active.has(past[i] ?? '') ? style.good : style.gone)}
          isTall={(i) => active.has(past[i] ?? '')}
        />
        <figcaption>
          <span>{text.pastFrom}</span>
          <span>{text.today}</span>
        </figcaption>
      </figure>
      {status !== 'exempt' && (
        <figure className={style.figure}>
          <Marks
            label={text.ahead(left, onDay(warningAt))}
            count={shown}
            of={(i) => (i >= left ? style.gone : i + 1 >= warned ? style.late : style.good)}
            isTall={(i) => i < left}
          />
          <figcaption>
            <span>{text.today}</span>
            <span>{text.warning(onDay(warningAt))}</span>
          </figcaption>
        </figure>
      )}
      <AsTable days={days} />
    </>
  );
}

interface MarksProps {
  label: string;
  count: number;
  of: (i: number) => string | undefined;
  isTall: (i: number) => boolean;
}

const Marks = ({ label, count, of, isTall }: MarksProps) => (
  <svg viewBox={`0 0 ${count * STEP} ${TALL}`} role="img" aria-label={label} preserveAspectRatio="none">
    {Array.from({ length: count }, (_, i) => (
      <rect
        key={i}
        x={i * STEP + 1}
        width={2}
        y={isTall(i) ? 0 : TALL - SHORT}
        height={isTall(i) ? TALL : SHORT}
        className={of(i)}
      />
    ))}
  </svg>
);

const AsTable = ({ days }: Pick<Inactive, 'days'>) => (
  <details>
    <summary>{text.asTable}</summary>
    <div className={style.table} tabIndex={0} role="group" aria-label={text.table}>
      <table>
        <caption className="visually-hidden">{text.table}</caption>
        <thead>
          <tr>
            {[text.day, text.signIn, text.session, text.api].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ day, signIn, session, api }) => (
            <tr key={day}>
              <th scope="row">
                <time dateTime={day}>{onDay(day)}</time>
              </th>
              {[signIn, session, api].map((isThere, i) => (
                <td key={i}>{isThere ? text.yes : text.no}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </details>
);
