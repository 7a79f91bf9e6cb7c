-- Up to when it has been looked for keys whose holders are to be reminded. Which reminders were sent is in the log: looking twice does no harm.
CREATE TABLE reminders (one boolean PRIMARY KEY DEFAULT true CHECK (one), looked_until timestamptz NOT NULL);
INSERT INTO reminders (looked_until) VALUES ('-infinity');
DO $$ DECLARE place text; BEGIN
  FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'key_directory' LOOP
    EXECUTE format('CREATE INDEX key_directory_expiring ON %I.key_directory (works_until) WHERE revoked_at IS NULL', place);
  END LOOP;
END $$;
