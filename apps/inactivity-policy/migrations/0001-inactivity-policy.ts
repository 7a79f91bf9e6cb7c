import { epochsSchema, inboxSchema, relaySchema } from '#bus';
import { buildsSchema, logSchema, snapshotsSchema } from '#event-sourcing';
import { operationsSchema, sqlMigration } from '#platform';

export const migrations = [
  sqlMigration('InactivityPolicy', 1, [
    ...logSchema, ...relaySchema, ...inboxSchema,
    // The truth itself: a single request decides nothing, so it is no event. One row per account, kind and UTC day.
    `CREATE TABLE activity (
       account_id uuid NOT NULL,
       kind text NOT NULL CHECK (kind IN ('signIn', 'session', 'api')),
       day date NOT NULL,
       latest_at timestamptz NOT NULL,
       PRIMARY KEY (account_id, kind, day))`,
    // The next instant at which something may be due. Activity only moves it away, so a row that comes up early costs one look.
    `CREATE TABLE deadlines (account_id uuid PRIMARY KEY, next_at timestamptz NOT NULL)`,
    `CREATE INDEX deadlines_next ON deadlines (next_at, account_id)`,
    // Whose warning a message is, for what the mail server says of it.
    `CREATE TABLE warnings (message_id uuid PRIMARY KEY, account_id uuid NOT NULL)`,
  ]),
  sqlMigration('Operations', 2, operationsSchema),
  sqlMigration('InactivityPolicyBuilds', 3, buildsSchema),
  sqlMigration('InactivityPolicyGateways', 4, [
    // What each gateway process says of itself; what it says next takes its place, so it is no event. Watermark and `closed_at` are the product's time, the others the real clock's.
    `CREATE TABLE gateways (
       instance uuid PRIMARY KEY,
       watermark timestamptz NOT NULL,
       kept integer NOT NULL,
       heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),
       silent_at timestamptz,
       closed_at timestamptz,
       left_at timestamptz)`,
    // A suspension that is due and waits until everything up to this instant is known.
    `ALTER TABLE deadlines ADD COLUMN waits_for timestamptz`,
    `CREATE INDEX deadlines_waiting ON deadlines (waits_for) WHERE waits_for IS NOT NULL`,
  ]),
  sqlMigration('Epochs', 6, epochsSchema),
  // By which days are forgotten.
  sqlMigration('InactivityPolicyDays', 7, [`CREATE INDEX activity_day ON activity (day)`]),
  sqlMigration('Snapshots', 11, snapshotsSchema),
];
