import { factKinds, type Topic } from '#contracts';
import { compareCursors, type Cursor, type EventStore, OlderLog, parseCursor, type Sql } from '#event-sourcing';
import type { Bus, Message, PartitionRange } from '../port/bus.ts';

/** The topics that a service owns: their names begin with its own. */
export const topicsOf = (service: string): readonly Topic[] =>
  [...new Set(Object.values(factKinds).map((kind) => kind.topic))].filter((topic) => topic.startsWith(`${service}.`));

interface Compared {
  readonly service: string;
  readonly sql: Sql;
  readonly store: Pick<EventStore, 'head'>;
  readonly bus: Bus;
}

/**
 * Compares the newest published event with the newest of the log: a database restored from a backup must neither judge nor
 * publish other events under versions that consumers have seen. @throws OlderLog
 */
export async function verifyLogNotRolledBack(compared: Compared): Promise<void> {
  const [newest] = await publishedBeyond(compared, 1);
  if (newest)
    throw new OlderLog(
      `the bus has events of ${compared.service} that its log does not have: the database is an older copy`,
    );
}

/** Facts of this log on the bus that the log does not have, the newest of each partition first, so many of a partition at most. */
export async function publishedBeyond({ service, sql, store, bus }: Compared, max: number): Promise<Message[]> {
  const { rows } = await sql.query<{ epoch: number }>('SELECT epoch FROM log_meta');
  const epoch = rows[0]?.epoch ?? 0;
  const head = await store.head();
  const ranges = (await Promise.all(topicsOf(service).map((topic) => bus.ranges(topic)))).flat();
  const beyond = await Promise.all(
    ranges.map((range) =>
      fromTheEnd(bus, range, service, max, (at) => {
        // A log that was reopened has a higher epoch: an operator has looked at it and decided.
        return at.epoch >= epoch && compareCursors(at, head) > 0;
      }),
    ),
  );
  return beyond.flat();
}

/** Records at a topic's end that the service did not write say nothing of its log; behind so many of them the search stops. */
const STRANGE_MAX = 100;

async function fromTheEnd(
  bus: Bus,
  { topic, partition, first, next }: PartitionRange,
  service: string,
  max: number,
  isBeyond: (at: Cursor) => boolean,
): Promise<Message[]> {
  const found: Message[] = [];
  for (let offset = next - 1, strange = 0; offset >= first && found.length < max && strange < STRANGE_MAX; offset--) {
    const message = (await bus.recordAt(topic, partition, offset))?.message;
    if (message?.source !== service || !/^\d{1,9}\.\d{1,20}\.\d{1,19}$/.test(message.position)) strange++;
    else if (isBeyond(parseCursor(message.position))) found.push(message);
    else break;
  }
  return found;
}
