import { epochsSchema, inboxSchema, relaySchema } from '#bus';
import { buildsSchema, logSchema, snapshotsSchema } from '#event-sourcing';
import { operationsSchema, sqlMigration, throttlesSchema } from '#platform';
import { fenceSchema } from '../src/fence/fence-schema.ts';

export const migrations = [
  sqlMigration('KeyManagement', 1, [
    ...logSchema, ...relaySchema, ...inboxSchema,
    // What verdicts are judged from and people see listed: written with the events themselves, so it never lags.
    `CREATE TABLE key_directory (
       key_id uuid PRIMARY KEY,
       digest text NOT NULL UNIQUE,
       account_id uuid NOT NULL,
       project_id uuid NOT NULL,
       organization_id uuid NOT NULL,
       name text NOT NULL,
       start text NOT NULL,
       scopes text[] NOT NULL,
       created_at timestamptz NOT NULL,
       works_until timestamptz,
       revoked_at timestamptz)`,
    `CREATE INDEX key_directory_account ON key_directory (account_id, key_id)`,
    `CREATE INDEX key_directory_organization ON key_directory (organization_id, key_id)`,
    // What organization and identity have stated, as far as keys depend on it.
    `CREATE TABLE projects (project_id uuid PRIMARY KEY, organization_id uuid NOT NULL, name text NOT NULL, archived boolean NOT NULL)`,
    `CREATE TABLE project_members (project_id uuid NOT NULL, account_id uuid NOT NULL, PRIMARY KEY (project_id, account_id))`,
    `CREATE TABLE members (organization_id uuid NOT NULL, account_id uuid NOT NULL, role text NOT NULL, PRIMARY KEY (organization_id, account_id))`,
    `CREATE TABLE suspended_accounts (account_id uuid PRIMARY KEY)`,
    // The truth themselves: a key's use decides nothing, so it is no event.
    `CREATE TABLE key_uses (key_id uuid PRIMARY KEY, last_used_at timestamptz NOT NULL)`,
  ]),
  sqlMigration('Operations', 2, operationsSchema),
  sqlMigration('KeyManagementBuilds', 3, [
    ...buildsSchema,
    // Who is removed from an organization is removed from its projects: a row says by itself whose it is.
    `ALTER TABLE project_members ADD COLUMN organization_id uuid`,
    `UPDATE project_members AS m SET organization_id = p.organization_id FROM projects AS p WHERE p.project_id = m.project_id`,
    `DELETE FROM project_members WHERE organization_id IS NULL`,
    `ALTER TABLE project_members ALTER COLUMN organization_id SET NOT NULL`,
  ]),
  sqlMigration('KeyManagementFence', 4, fenceSchema),
  sqlMigration('KeyManagementAddresses', 5, [
    // No event so far holds any, so this is what a rebuild would make. Builds that follow in schemas of their own get the column, too.
    `DO $$ DECLARE place text; BEGIN
       FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'key_directory' LOOP
         EXECUTE format('ALTER TABLE %I.key_directory ADD COLUMN addresses text[] NOT NULL DEFAULT ''{}''', place);
       END LOOP;
     END $$`,
  ]),
  sqlMigration('KeyManagementThrottles', 6, throttlesSchema),
  sqlMigration('KeyManagementCount', 7, [
    `DO $$ DECLARE place text; BEGIN
       FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'key_directory' LOOP
         EXECUTE format('CREATE INDEX key_directory_project ON %I.key_directory (project_id) WHERE revoked_at IS NULL', place);
       END LOOP;
     END $$`,
  ]),
  sqlMigration('Epochs', 8, epochsSchema),
  sqlMigration('Snapshots', 11, snapshotsSchema),
];
