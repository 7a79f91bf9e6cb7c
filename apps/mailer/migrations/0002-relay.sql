-- formerly Mailer0000000000001

CREATE TABLE relay (
  name text PRIMARY KEY,
  owner text,
  epoch bigint NOT NULL DEFAULT 0,
  until timestamptz NOT NULL DEFAULT '-infinity',
  log_epoch integer NOT NULL DEFAULT 0,
  log_txid xid8 NOT NULL DEFAULT '0',
  log_pos bigint NOT NULL DEFAULT 0);
CREATE TABLE relay_versions (
  stream_id text PRIMARY KEY,
  version integer NOT NULL);
