import type { Item } from '../api/client.ts';
import { onDay, atMinute } from '../parts/when.tsx';
import { activity } from '../texts/organization.ts';
import { sentenceOf } from './sentence.ts';
import style from './events.module.css';

type Recorded = Item<'/v1/events'>;

/** What happened, in sentences by day, each with what programs are told of it. */
export function Events({ of, level = 'h3' }: { of: readonly Recorded[]; level?: 'h3' | 'h4' }) {
  const Head = level;
  const days = Map.groupBy(of, ({ at }) => onDay(at));
  return (
    <div className={style.days}>
      {[...days].map(([day, events]) => (
        <section key={day}>
          <Head>{day}</Head>
          <ol>
            {events.map((event) => (
              <Event key={event.id} of={event} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function Event({ of: event }: { of: Recorded }) {
  const sentence = sentenceOf(event);
  return (
    <li>
      <time dateTime={event.at}>{atMinute(event.at)}</time>
      <details>
        <summary>
          {/* It is English, whoever's name it begins with. */}
          <span dir="ltr">{sentence}</span>
          <small>{activity.raw}</small>
        </summary>
        <pre tabIndex={0} aria-label={activity.rawOf(sentence)} role="region">
          {JSON.stringify({ id: event.id, type: event.type, at: event.at, data: event.data }, null, 2)}
        </pre>
      </details>
    </li>
  );
}
