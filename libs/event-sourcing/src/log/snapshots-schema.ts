/**
 * Where long streams' states lie beside the log, for a step of their own. Nothing in it is the truth: it may be emptied at any time.
 * `event_id` is the event that completed the state: of a log without it the row says nothing.
 */
export const snapshotsSchema: readonly string[] = [
  `CREATE TABLE snapshots (
     stream_id text PRIMARY KEY,
     version integer NOT NULL,
     event_id uuid NOT NULL,
     shape text NOT NULL,
     sealed boolean NOT NULL,
     state bytea NOT NULL)`,
];
