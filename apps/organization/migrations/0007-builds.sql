-- formerly OrganizationBuilds0000000000003

-- One row a build of a read model. `position` is how far it has come: its source alone reads it.
CREATE TABLE IF NOT EXISTS projection_builds (
  name text NOT NULL,
  n integer NOT NULL,
  state text NOT NULL CHECK (state IN ('building', 'ready', 'live', 'retired', 'failed')),
  phase text NOT NULL DEFAULT 'filling',
  position jsonb NOT NULL DEFAULT '{}',
  done bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0,
  rate integer NOT NULL DEFAULT 0,
  checksums jsonb,
  problem text,
  who text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  PRIMARY KEY (name, n));
CREATE UNIQUE INDEX IF NOT EXISTS projection_builds_under_way ON projection_builds (name) WHERE state IN ('building', 'ready');
CREATE UNIQUE INDEX IF NOT EXISTS projection_builds_live ON projection_builds (name) WHERE state = 'live';
