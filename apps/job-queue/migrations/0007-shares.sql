-- formerly JobQueueShares0000000000004

-- What a job was estimated to take, and has taken. Of jobs from before nobody knows.
ALTER TABLE job_inputs ADD COLUMN organization_id uuid, ADD COLUMN estimated_ms float8, ADD COLUMN spent_ms float8 NOT NULL DEFAULT 0;
-- How much of the simulators' time everybody was charged: it decides nothing but who is next.
CREATE TABLE shares (share text PRIMARY KEY, charged_ms float8 NOT NULL, clock_ms float8 NOT NULL);
DROP TABLE project_turns;
-- From one account and project with open jobs to the next, however many jobs each has. Builds that follow in schemas of their own get it, too.
DO $$ DECLARE place text; BEGIN
  FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'jobs' LOOP
    EXECUTE format('CREATE INDEX jobs_waiting ON %I.jobs (account_id, project_id, submitted_at, job_id) WHERE status IN (''submitted'', ''started'')', place);
    EXECUTE format('DROP INDEX IF EXISTS %I.jobs_open', place);
  END LOOP;
END $$;
