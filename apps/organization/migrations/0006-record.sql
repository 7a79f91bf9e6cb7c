-- formerly Record0000000000002

-- What happened in each organization, numbered without holes under the row lock of its head: a reader that goes on after
-- a number it has seen misses nothing, whoever commits late.
CREATE TABLE record_heads (organization_id uuid PRIMARY KEY, seq bigint NOT NULL);
CREATE TABLE organization_record (
  organization_id uuid NOT NULL,
  seq bigint NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  at timestamptz NOT NULL,
  data jsonb NOT NULL,
  PRIMARY KEY (organization_id, seq));
