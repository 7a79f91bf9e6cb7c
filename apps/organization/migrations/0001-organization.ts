import { inboxSchema, relaySchema } from '#bus';
import { logSchema } from '#event-sourcing';
import { sqlMigration } from '#platform';

export const migrations = [
  sqlMigration('Organization', 1, [
    ...logSchema, ...relaySchema, ...inboxSchema,
    `CREATE TABLE members (organization_id uuid NOT NULL, account_id uuid NOT NULL, role text NOT NULL, joined_at timestamptz NOT NULL, PRIMARY KEY (organization_id, account_id))`,
    `CREATE INDEX members_account ON members (account_id, organization_id)`,
    `CREATE TABLE projects (project_id uuid PRIMARY KEY, organization_id uuid NOT NULL, name text NOT NULL, archived boolean NOT NULL)`,
    `CREATE INDEX projects_organization ON projects (organization_id, project_id)`,
    `CREATE TABLE project_members (project_id uuid NOT NULL, account_id uuid NOT NULL, PRIMARY KEY (project_id, account_id))`,
    `CREATE TABLE organization_names (organization_id uuid PRIMARY KEY, name text NOT NULL)`,
    `CREATE TABLE invitations (invitation_id uuid PRIMARY KEY, organization_id uuid NOT NULL, role text NOT NULL, project_ids uuid[] NOT NULL, expires_at timestamptz NOT NULL, status text NOT NULL)`,
    `CREATE INDEX invitations_organization ON invitations (organization_id, invitation_id)`,
    // An invited address is nobody's yet: sealed, beside the log, until the invitation ends.
    `CREATE TABLE invited_addresses (invitation_id uuid PRIMARY KEY, organization_id uuid NOT NULL, sealed bytea NOT NULL)`,
    // Which organization a project is in: written with the event itself, so a project can be found as soon as it is made.
    `CREATE TABLE project_places (project_id uuid PRIMARY KEY, organization_id uuid NOT NULL)`,
  ]),
];
