-- Where to look: written with the events themselves, so that a command finds the stream it is about.
CREATE TABLE connection_places (connection_id uuid PRIMARY KEY, organization_id uuid NOT NULL, enforced boolean NOT NULL);
CREATE TABLE domain_places (domain_id uuid PRIMARY KEY, organization_id uuid NOT NULL, domain text NOT NULL, held boolean NOT NULL);
CREATE INDEX domain_places_domain ON domain_places (domain) WHERE held;
-- What a connection's provider and we know alone, sealed: beside the log, so that it can be forgotten.
CREATE TABLE connection_secrets (connection_id uuid NOT NULL, n integer NOT NULL, sealed bytea NOT NULL, sealed_by text NOT NULL, PRIMARY KEY (connection_id, n));
-- When a domain's proof or a connection's certificates are looked at next.
CREATE TABLE daily_looks (subject_id uuid PRIMARY KEY, next_at timestamptz NOT NULL);
