import type { Sql } from '#event-sourcing';
import type { Bus, Partition } from '../port/bus.ts';
import { createPlace, type Place, readPlace, setPlace } from './rows.ts';

/** The bus is not the one that was read before, or has forgotten what was not read yet. Going on would skip facts. */
export class PlaceLost extends Error {
  override readonly name = 'PlaceLost';
}

/**
 * Where a consumer goes on in a partition, checked against what the bus holds there now. A new consumer begins at the
 * oldest record. @throws PlaceLost
 */
export async function findPlace(
  { pool, bus, consumer }: { pool: Sql; bus: Bus; consumer: string },
  partition: Partition,
): Promise<Place> {
  const ranges = await bus.ranges(partition.topic);
  const { first, next } = ranges.find((range) => range.partition === partition.partition) ?? { first: 0, next: 0 };
  const known = await readPlace(pool, consumer, partition);
  // Without an owner to ask, a consumer that was to begin again begins with the oldest record.
  if (known?.next === -1) await setPlace(pool, consumer, partition, { next: first, lastEventId: null });
  if (known?.next === -1) return { next: first, lastEventId: null };
  if (!known) {
    await createPlace(pool, consumer, partition, first);
    return (await readPlace(pool, consumer, partition)) ?? { next: first, lastEventId: null };
  }
  if (known.next < first)
    throw lost(
      consumer,
      partition,
      `the bus begins at ${first}, and what this consumer has not read before that is gone`,
    );
  if (known.next > next)
    throw lost(
      consumer,
      partition,
      `the bus ends at ${next}, before the ${known.next} that were read already: it is another bus, or an older copy`,
    );
  if (known.lastEventId === null || known.next === first) return known;
  const record = await bus.recordAt(partition.topic, partition.partition, known.next - 1);
  if (record?.message.eventId !== known.lastEventId)
    throw lost(consumer, partition, `record ${known.next - 1} is not the one that was read there: it is another bus`);
  return known;
}

const lost = (consumer: string, { topic, partition }: Partition, why: string) =>
  new PlaceLost(
    `${consumer} reads ${topic}/${partition} no further: ${why}. Run "rollcall inbox restart ${consumer} ${topic}": it reads all from the owner of the topic, drops what it knows and goes on with the bus`,
  );
