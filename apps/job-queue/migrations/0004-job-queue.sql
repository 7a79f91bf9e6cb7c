-- formerly JobQueue0000000000001

-- What a job computes and says about itself, as its owner sent it. Text, not jsonb: metadata goes back byte by byte, and jsonb cannot hold every string.
CREATE TABLE job_inputs (
  job_id uuid PRIMARY KEY,
  type text NOT NULL,
  name text,
  shots integer NOT NULL,
  dry_run boolean NOT NULL,
  noise text NOT NULL,
  metadata text NOT NULL,
  settings text NOT NULL,
  stats text NOT NULL,
  children text NOT NULL,
  circuits text NOT NULL);
-- A circuit of its own for each row of a job of several, so that a child does not carry its siblings.
CREATE TABLE job_results (
  job_id uuid NOT NULL REFERENCES job_inputs ON DELETE CASCADE,
  circuit integer NOT NULL,
  probabilities text NOT NULL,
  PRIMARY KEY (job_id, circuit));
-- Compressing 25 MB would hold the log's frontier for longer than storing it does.
ALTER TABLE job_results ALTER COLUMN probabilities SET STORAGE EXTERNAL;
ALTER TABLE job_inputs ALTER COLUMN circuits SET STORAGE EXTERNAL;
-- Who runs a job, and until when nobody else may. Not in the log: it decides nothing but who does the work.
CREATE TABLE job_leases (
  job_id uuid PRIMARY KEY,
  holder uuid NOT NULL,
  until timestamptz NOT NULL);
CREATE TABLE project_turns (
  project_id uuid PRIMARY KEY,
  served_at timestamptz NOT NULL);
CREATE TABLE jobs (
  job_id uuid PRIMARY KEY,
  project_id uuid NOT NULL,
  account_id uuid NOT NULL,
  key_id uuid NOT NULL,
  backend text NOT NULL,
  status text NOT NULL,
  child_ids uuid[] NOT NULL,
  submitted_at timestamptz NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  execution_ms integer,
  failure_code text,
  failure_detail text);
CREATE INDEX jobs_project ON jobs (project_id, submitted_at DESC, job_id DESC);
CREATE INDEX jobs_open ON jobs (project_id, submitted_at, job_id) WHERE status IN ('submitted', 'started');
CREATE TABLE job_children (
  child_id uuid PRIMARY KEY,
  job_id uuid NOT NULL,
  circuit integer NOT NULL);
CREATE INDEX job_children_job ON job_children (job_id);
-- Names, for who reads a list of jobs; told by organization.
CREATE TABLE projects (project_id uuid PRIMARY KEY, name text NOT NULL);
