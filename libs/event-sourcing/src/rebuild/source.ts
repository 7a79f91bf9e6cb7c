import type { Pool } from 'pg';
import type { Sql, Tx } from '../decision/event-store.ts';
import type { Build, Position } from './build.ts';

/** What a build works with while it runs. */
export interface BuildContext {
  /** As the owner of the database. */
  readonly pool: Pool;
  readonly build: Build;
  /** So many events or facts more. */
  readonly progress: (by: number) => void;
  readonly signal: AbortSignal;
}

/** Why the live tables are held: to be compared (readers go on), or to be swapped. */
export type Hold = 'compare' | 'swap';

/**
 * Where a read model's rows come from: the service's own log, or the facts of others. It knows how a build is filled,
 * how it is brought to exactly what the live one shows, and how both go on.
 */
export interface Source {
  /** The read model, without a number. */
  readonly name: string;
  readonly n: number;
  readonly tables: readonly string[];
  /** Tables of the source's own beside a build's, made by these statements inside the build's schema; a live build has none. */
  readonly notes: readonly { readonly table: string; readonly ddl: string }[];
  /** How many events or facts there are to read, as far as can be told cheaply. */
  total(sql: Sql): Promise<number>;
  /** Fills empty tables without indexes, insert-only, in short transactions that move the position; goes on where that stands. */
  readonly fill: ((workshop: BuildContext) => Promise<void>) | undefined;
  /** Brings a filled and indexed build near to the live one. */
  catchUp(workshop: BuildContext): Promise<void>;
  /** One short transaction further; false when there is nothing more now. Also run by the service, for builds that are not live. */
  step(sql: Pool, build: Pick<Build, 'name' | 'n'>): Promise<boolean>;
  /** Until the transaction ends no other one writes to the live tables. @throws 55P03 when that cannot be had at once. */
  hold(tx: Tx, hold: Hold): Promise<void>;
  /** While the live one is held: brings the build to exactly what it shows, in this transaction, in the build's schema. Answers the position of both. */
  finish(tx: Tx, build: Pick<Build, 'name' | 'n'>): Promise<Position>;
}
