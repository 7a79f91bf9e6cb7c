-- formerly InactivityPolicyGateways0000000000004

-- What each gateway process says of itself; what it says next takes its place, so it is no event. Watermark and `closed_at` are the product's time, the others the real clock's.
CREATE TABLE gateways (
  instance uuid PRIMARY KEY,
  watermark timestamptz NOT NULL,
  kept integer NOT NULL,
  heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  silent_at timestamptz,
  closed_at timestamptz,
  left_at timestamptz);
-- A suspension that is due and waits until everything up to this instant is known.
ALTER TABLE deadlines ADD COLUMN waits_for timestamptz;
CREATE INDEX deadlines_waiting ON deadlines (waits_for) WHERE waits_for IS NOT NULL;
