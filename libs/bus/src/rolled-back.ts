import { factKinds, type Topic } from '#contracts';
import { compareCursors, type Cursor, type EventStore, parseCursor, type Sql } from '#event-sourcing';
import type { Bus, Message, PartitionRange } from './bus.ts';
import { isUnreadable } from './unreadable.ts';

const LOOK_BACK_MAX = 100;

/** The bus knows events of this log that the log no longer has. */
export class LogRolledBack extends Error {
  override readonly name = 'LogRolledBack';
}

/** The topics that a service owns: their names begin with its own. */
export const topicsOf = (service: string): readonly Topic[] =>
  [...new Set(Object.values(factKinds).map((kind) => kind.topic))].filter((topic) => topic.startsWith(`${service}.`));

/**
 * Compares the newest published event with the newest of the log: a database restored from a backup must not publish
 * other events under versions that consumers have seen. @throws LogRolledBack
 */
export async function verifyLogNotRolledBack({ service, sql, store, bus }: { service: string; sql: Sql; store: Pick<EventStore, 'head'>; bus: Bus }): Promise<void> {
  const published = await newestPublished(bus, service);
  if (!published) return;
  const { rows } = await sql.query<{ epoch: number }>('SELECT epoch FROM log_meta');
  // A log that was reopened has a higher epoch: somebody has looked at it and decided.
  if ((rows[0]?.epoch ?? 0) > published.epoch) return;
  if (compareCursors(published, await store.head()) <= 0) return;
  throw new LogRolledBack(`the bus has events of ${service} that its log does not have: the database is an older copy. Nothing is published. Bring the newer database back, or run "rollcall log reopen ${service} --reason <why>" to go on from this one`);
}

async function newestPublished(bus: Bus, service: string): Promise<Cursor | undefined> {
  const ranges = (await Promise.all(topicsOf(service).map((topic) => bus.ranges(topic)))).flat().filter((range) => range.next > range.first);
  const newest = await Promise.all(ranges.map((range) => newestOf(bus, range)));
  return newest.flatMap((message) => (message ? [parseCursor(message.position)] : [])).sort(compareCursors).at(-1);
}

/** Behind what no relay wrote there may be what one did. */
async function newestOf(bus: Bus, { topic, partition, first, next }: PartitionRange): Promise<Message | undefined> {
  for (let offset = next - 1; offset >= Math.max(first, next - LOOK_BACK_MAX); offset--) {
    const message = (await bus.recordAt(topic, partition, offset))?.message;
    if (message && !isUnreadable(message)) return message;
  }
  return undefined;
}
