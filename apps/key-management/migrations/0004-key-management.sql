-- formerly KeyManagement0000000000001

-- What verdicts are judged from and people see listed: written with the events themselves, so it never lags.
CREATE TABLE key_directory (
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
  revoked_at timestamptz);
CREATE INDEX key_directory_account ON key_directory (account_id, key_id);
CREATE INDEX key_directory_organization ON key_directory (organization_id, key_id);
-- What organization and identity have stated, as far as keys depend on it.
CREATE TABLE projects (project_id uuid PRIMARY KEY, organization_id uuid NOT NULL, name text NOT NULL, archived boolean NOT NULL);
CREATE TABLE project_members (project_id uuid NOT NULL, account_id uuid NOT NULL, PRIMARY KEY (project_id, account_id));
CREATE TABLE members (organization_id uuid NOT NULL, account_id uuid NOT NULL, role text NOT NULL, PRIMARY KEY (organization_id, account_id));
CREATE TABLE suspended_accounts (account_id uuid PRIMARY KEY);
-- The truth themselves: a key's use decides nothing, so it is no event.
CREATE TABLE key_uses (key_id uuid PRIMARY KEY, last_used_at timestamptz NOT NULL);
