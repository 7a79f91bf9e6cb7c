import type { Sql } from '#event-sourcing';
import { v7 as uuid } from 'uuid';

export const LEASE_MS = 6_000;

/**
 * One holder at a time, by a row with an epoch that grows with each new holder. The clock is the database's.
 * What the holder writes is fenced by the epoch or by its own compare-and-set: a lease alone proves nothing after a pause.
 */
export class LeaderLease {
  private readonly owner = uuid();
  private held: number | undefined;

  constructor(
    private readonly sql: Sql,
    private readonly table: 'relay' | 'bus_groups',
    private readonly name: string,
    readonly ms: number = LEASE_MS,
  ) {}

  /** The epoch while it is held. */
  get epoch(): number | undefined {
    return this.held;
  }

  /** Makes the row. */
  async open(): Promise<void> {
    await this.sql.query(`INSERT INTO ${this.table} (name) VALUES ($1) ON CONFLICT DO NOTHING`, [this.name]);
  }

  /** Takes or prolongs it; false while another process holds it. */
  async hold(): Promise<boolean> {
    const { rows } = await this.sql.query<{ epoch: string | number }>({
      name: `hold-${this.table}`,
      text: `UPDATE ${this.table} SET owner = $2, epoch = CASE WHEN owner = $2 THEN epoch ELSE epoch + 1 END, until = clock_timestamp() + $3::int * interval '1 ms'
              WHERE name = $1 AND (owner = $2 OR owner IS NULL OR until < clock_timestamp()) RETURNING epoch`,
      values: [this.name, this.owner, this.ms],
    });
    this.held = rows[0] === undefined ? undefined : Number(rows[0].epoch);
    return this.held !== undefined;
  }

  /** Another holder has been seen with a newer epoch. */
  lost(): void {
    this.held = undefined;
  }

  /** Lets the next one take it at once. */
  async release(): Promise<void> {
    if (this.held === undefined) return;
    this.held = undefined;
    await this.sql.query(`UPDATE ${this.table} SET owner = NULL WHERE name = $1 AND owner = $2`, [
      this.name,
      this.owner,
    ]);
  }
}
