-- What organizations ask of their people, and who these are, as organization has stated it: rows of its facts, apart from what follows this log.
CREATE TABLE organization_members (account_id uuid NOT NULL, organization_id uuid NOT NULL, PRIMARY KEY (account_id, organization_id));
CREATE TABLE idle_demands (organization_id uuid PRIMARY KEY);
CREATE TABLE factor_demands (organization_id uuid PRIMARY KEY, demanded_from timestamptz NOT NULL);
