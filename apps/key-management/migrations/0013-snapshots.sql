-- formerly Snapshots0000000000011

CREATE TABLE snapshots (
  stream_id text PRIMARY KEY,
  version integer NOT NULL,
  event_id uuid NOT NULL,
  shape text NOT NULL,
  sealed boolean NOT NULL,
  state bytea NOT NULL);
