-- By what gateways know a log again. Rows of a release that draws no mark have one each; the least of a seq is its mark.
ALTER TABLE withdrawals ADD COLUMN mark uuid NOT NULL DEFAULT gen_random_uuid();
-- How far gateways had followed logs that this one does not reach: a reopened log begins behind them.
CREATE TABLE floors (
  incarnation uuid PRIMARY KEY,
  epoch integer NOT NULL,
  seq bigint NOT NULL,
  heard_at timestamptz NOT NULL DEFAULT clock_timestamp());
