import type { Tx } from './event-store.ts';
import type { RecordedEvent } from './event.ts';

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
}
