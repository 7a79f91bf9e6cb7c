/**
 * Withdrawals in the order of their commits, and who must have applied them. No table holds an instant that anybody waits
 * for: clocks differ. `lease_ms` 0 switches leases off.
 */
export const fenceSchema: readonly string[] = [
  `CREATE TABLE fence (
     one boolean PRIMARY KEY DEFAULT true CHECK (one),
     seq bigint NOT NULL CHECK (seq >= 0),
     lease_ms integer NOT NULL CHECK (lease_ms BETWEEN 0 AND 60000),
     -- Leases of earlier epochs of the log have certainly ended.
     settled_epoch integer NOT NULL)`,
  `INSERT INTO fence (seq, lease_ms, settled_epoch) SELECT 0, 10000, epoch FROM log_meta`,
  `CREATE TABLE withdrawals (
     epoch integer NOT NULL,
     seq bigint NOT NULL,
     subject uuid NOT NULL,
     -- For tidying up alone.
     recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (epoch, seq, subject))`,
  `CREATE TABLE followers (
     instance uuid PRIMARY KEY,
     epoch integer NOT NULL,
     applied bigint NOT NULL,
     renewals bigint NOT NULL)`,
  // Written to be sure that this database still takes writes: an isolated old primary can be read, but not written.
  `CREATE TABLE primary_checks (instance uuid PRIMARY KEY, checks bigint NOT NULL)`,
];
