import { factKinds, type Topic } from '#contracts';
import { OlderLog, parseCursor, type Sql } from '#event-sourcing';
import type { Bus, Message, PartitionRange } from '../port/bus.ts';

/** The topics that a service owns: their names begin with its own. */
export const topicsOf = (service: string): readonly Topic[] =>
  [...new Set(Object.values(factKinds).map((kind) => kind.topic))].filter((topic) => topic.startsWith(`${service}.`));

/** A log and the bus that it was told on. */
export interface Compared {
  readonly service: string;
  readonly sql: Sql;
  readonly bus: Bus;
}

/**
 * Looks for the newest published events in the log: a database restored from a backup must neither judge nor publish other events under
 * versions that consumers have seen. @throws OlderLog
 */
export async function verifyLogNotRolledBack(compared: Compared): Promise<void> {
  const [newest] = await publishedBeyond(compared, 1);
  if (newest)
    throw new OlderLog(
      `the bus has events of ${compared.service} that its log does not have: the database is an older copy`,
    );
}

/**
 * What the bus knows of a log: `ahead` where it has events that the log lacks, `none` where it has none, `beside` where it has none but lies in the same
 * cluster as the log, and so is put back together with it.
 */
export async function busWitness(compared: Compared): Promise<'ahead' | 'none' | 'beside'> {
  const [newest] = await publishedBeyond(compared, 1);
  if (newest) return 'ahead';
  const cluster = await compared.bus.cluster();
  if (cluster === undefined) return 'none';
  const { rows } = await compared.sql.query<{ cluster: string }>(
    'SELECT system_identifier::text AS cluster FROM pg_control_system()',
  );
  return rows[0]?.cluster === cluster ? 'beside' : 'none';
}

/** Facts of this log on the bus that the log does not have, the newest of each partition first, so many of a partition at most. */
export async function publishedBeyond({ service, sql, bus }: Compared, max: number): Promise<Message[]> {
  const { rows } = await sql.query<{ reopened: number }>('SELECT reopened FROM log_meta');
  const reopened = rows[0]?.reopened ?? 0;
  const ranges = (await Promise.all(topicsOf(service).map((topic) => bus.ranges(topic)))).flat();
  const beyond = await Promise.all(
    ranges.map((range) =>
      fromTheEnd(
        bus,
        range,
        service,
        max,
        async (message) =>
          // Of a log that was reopened an operator has looked at what came before, and decided.
          parseCursor(message.position).epoch >= reopened && !(await isInLog(sql, message)),
      ),
    ),
  );
  return beyond.flat();
}

/** By its id: a place in the log says nothing, two copies of it go on with the same ones. */
async function isInLog(sql: Sql, { key, version, eventId }: Message): Promise<boolean> {
  const { rows } = await sql.query<{ event_id: string }>({
    name: 'event-id',
    text: 'SELECT event_id FROM events WHERE stream_id = $1 AND version = $2',
    values: [key, version],
  });
  return rows[0]?.event_id === eventId;
}

/** What a relay can have written: anything else cannot be looked for. */
const isOfALog = ({ position, key }: Message) => /^\d{1,9}\.\d{1,20}\.\d{1,19}$/.test(position) && !key.includes('\0');

/** Records at a topic's end that the service did not write say nothing of its log; behind so many of them the search stops. */
const STRANGE_MAX = 100;

async function fromTheEnd(
  bus: Bus,
  { topic, partition, first, next }: PartitionRange,
  service: string,
  max: number,
  isBeyond: (message: Message) => Promise<boolean>,
): Promise<Message[]> {
  const found: Message[] = [];
  for (let offset = next - 1, strange = 0; offset >= first && found.length < max && strange < STRANGE_MAX; offset--) {
    const message = (await bus.recordAt(topic, partition, offset))?.message;
    if (message?.source !== service || !isOfALog(message)) strange++;
    else if (await isBeyond(message)) found.push(message);
    else break;
  }
  return found;
}
