import type { Topic } from '#contracts';
import { Changes, type Table, type Tx } from '#event-sourcing';
import type { DeliveredFact } from '../inbox/delivered-fact.ts';

/**
 * Facts of other services to rows of own tables: the part of an inbox that may be replayed at any time. What an inbox does
 * besides (commands, mails) is a reaction, and is never replayed.
 */
export interface ForeignProjection {
  /** `<read model>-<n>`, as a projection's. */
  readonly name: string;
  /** Topics, and on each the categories of the streams that it reads. */
  readonly from: Readonly<Partial<Record<Topic, readonly string[]>>>;
  readonly tables: readonly string[];
  /** Takes facts in order per stream; what it does not know it passes over. */
  apply(tx: Tx, facts: readonly DeliveredFact[]): Promise<void>;
}

/** A foreign projection that puts each fact down as changes to rows, written a batch at a time. */
export function foreignProjection({
  name,
  from,
  tables,
  change,
}: {
  name: string;
  from: ForeignProjection['from'];
  tables: readonly Table[];
  change: (rows: Changes, fact: DeliveredFact) => void;
}): ForeignProjection {
  return {
    name,
    from,
    tables: tables.map((table) => table.name),
    async apply(tx, facts) {
      const changes = new Changes();
      for (const fact of facts) change(changes, fact);
      await changes.write(tx);
    },
  };
}
