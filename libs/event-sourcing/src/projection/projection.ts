import { Changes } from './changes.ts';
import type { Tx } from '../decision/event-store.ts';
import type { DomainEvent, RecordedEvent } from '../decision/event.ts';
import type { Table } from './table.ts';

/** What a projection may read of an event. */
export type Seen<E extends DomainEvent = DomainEvent> = Pick<
  RecordedEvent<E>,
  'id' | 'category' | 'streamId' | 'version' | 'event' | 'occurredAt'
>;

/**
 * Events to rows of its own tables. Reads no other table, calls nothing, so it can be replayed at any time.
 * Its name ends in a number: a new shape is the next number, built from the log beside the old one.
 */
export interface Projection {
  readonly name: string;
  /** Categories of the streams it listens to. */
  readonly categories: readonly string[];
  /** Its tables, emptied before a replay. */
  readonly tables: readonly string[];
  apply(tx: Tx, events: readonly RecordedEvent[]): Promise<void>;
  /** One event as changes to rows, where it is a `rowProjection`: by it a rebuild knows a stream's rows before it writes any. */
  readonly fold?: (changes: Changes, event: Seen) => void;
}

/** A projection whose rows each belong to one stream: an event is put down as changes to rows, which are written a batch at a time. */
export function rowProjection<E extends DomainEvent>({
  name,
  categories,
  tables,
  change,
}: {
  name: string;
  categories: readonly string[];
  tables: readonly Table[];
  change: (changes: Changes, event: Seen<E>) => void;
}): Projection & Required<Pick<Projection, 'fold'>> {
  const fold = change as (changes: Changes, event: Seen) => void;
  return {
    name,
    categories,
    tables: tables.map((table) => table.name),
    fold,
    async apply(tx, events) {
      const changes = new Changes();
      for (const event of events) fold(changes, event);
      await changes.write(tx);
    },
  };
}
