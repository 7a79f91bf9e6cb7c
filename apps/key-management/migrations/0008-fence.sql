-- formerly KeyManagementFence0000000000004

CREATE TABLE fence (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  seq bigint NOT NULL CHECK (seq >= 0),
  -- How long a lease lasts; 0: there are none.
  lease_ms integer NOT NULL CHECK (lease_ms BETWEEN 0 AND 60000),
  -- Leases of earlier epochs of the log have certainly ended.
  settled_epoch integer NOT NULL);
INSERT INTO fence (seq, lease_ms, settled_epoch) SELECT 0, 10000, epoch FROM log_meta;
CREATE TABLE withdrawals (
  epoch integer NOT NULL,
  seq bigint NOT NULL,
  subject uuid NOT NULL,
  -- For tidying up alone.
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (epoch, seq, subject));
-- A row that was deleted and comes back must not be taken for the one that was read.
CREATE SEQUENCE renewals;
CREATE TABLE followers (
  instance uuid PRIMARY KEY,
  epoch integer NOT NULL,
  applied bigint NOT NULL CHECK (applied >= 0),
  renewal bigint NOT NULL DEFAULT nextval('renewals'),
  -- The longest lease that it was ever granted.
  lease_ms integer NOT NULL CHECK (lease_ms BETWEEN 0 AND 60000));
