-- Subjects that gateways know as withdrawn and this log does not: what it is reopened by.
CREATE TABLE recalled (
  subject uuid PRIMARY KEY,
  heard_at timestamptz NOT NULL DEFAULT clock_timestamp());
