-- formerly Organization0000000000001

CREATE TABLE inbox_offsets (
  consumer text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  last_event_id text,
  PRIMARY KEY (consumer, topic, partition));
CREATE TABLE inbox_versions (
  consumer text NOT NULL,
  stream_id text NOT NULL,
  last_version integer NOT NULL,
  PRIMARY KEY (consumer, stream_id));
-- One row a message that could not be applied, or that waits behind one of its own stream.
-- failed: an operator decides. gap: earlier facts are missing and are fetched. waiting: to be applied in its turn. skipped: kept as evidence.
CREATE TABLE parked (
  consumer text NOT NULL,
  stream_id text NOT NULL,
  version integer NOT NULL,
  state text NOT NULL CHECK (state IN ('failed', 'gap', 'waiting', 'skipped')),
  message jsonb NOT NULL,
  error text,
  tries integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  skip_reason text,
  PRIMARY KEY (consumer, stream_id, version));
