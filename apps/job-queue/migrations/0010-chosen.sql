-- Jobs of a key, and how many a project had by the day and what became of them: without reading a row. Builds that follow in schemas of their own get it, too.
DO $$ DECLARE place text; BEGIN
  FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'jobs' LOOP
    EXECUTE format('CREATE INDEX jobs_key ON %I.jobs (key_id, submitted_at DESC, job_id DESC)', place);
  END LOOP;
END $$;
