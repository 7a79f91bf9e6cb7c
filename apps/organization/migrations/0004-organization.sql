-- formerly Organization0000000000001

-- Where to look: written with the events themselves, so that a command finds the stream it is about.
CREATE TABLE project_places (project_id uuid PRIMARY KEY, organization_id uuid NOT NULL);
CREATE TABLE member_places (account_id uuid NOT NULL, organization_id uuid NOT NULL, PRIMARY KEY (account_id, organization_id));
-- What people see listed: follows the log.
CREATE TABLE organizations (organization_id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE members (organization_id uuid NOT NULL, account_id uuid NOT NULL, role text NOT NULL, joined_at timestamptz NOT NULL, PRIMARY KEY (organization_id, account_id));
CREATE INDEX members_account ON members (account_id, organization_id);
CREATE TABLE projects (project_id uuid PRIMARY KEY, organization_id uuid NOT NULL, name text NOT NULL, archived boolean NOT NULL);
CREATE INDEX projects_organization ON projects (organization_id, project_id);
CREATE TABLE project_members (project_id uuid NOT NULL, account_id uuid NOT NULL, joined_at timestamptz NOT NULL, PRIMARY KEY (project_id, account_id));
CREATE TABLE invitations (
  invitation_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  role text NOT NULL,
  project_ids uuid[] NOT NULL,
  expires_at timestamptz NOT NULL,
  status text NOT NULL);
CREATE INDEX invitations_organization ON invitations (organization_id, invitation_id);
-- An invited address, sealed, while its invitation waits for an answer: beside the log, so that it can be forgotten.
CREATE TABLE invited_addresses (
  invitation_id uuid PRIMARY KEY,
  organization_id uuid NOT NULL,
  inviter_id uuid NOT NULL,
  email_digest text NOT NULL,
  sealed bytea NOT NULL,
  expires_at timestamptz NOT NULL);
CREATE INDEX invited_addresses_organization ON invited_addresses (organization_id, email_digest);
CREATE INDEX invited_addresses_expiry ON invited_addresses (expires_at);
-- What identity has stated, as far as joining depends on it.
CREATE TABLE suspended_accounts (account_id uuid PRIMARY KEY);
