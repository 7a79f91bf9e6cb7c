-- formerly PersonKeys0000000000001

CREATE TABLE person_keys (
  person_id text PRIMARY KEY,
  wrapped bytea,
  destroyed_at timestamptz);
