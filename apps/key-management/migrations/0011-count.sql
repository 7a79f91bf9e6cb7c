-- formerly KeyManagementCount0000000000007

DO $$ DECLARE place text; BEGIN
  FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'key_directory' LOOP
    EXECUTE format('CREATE INDEX key_directory_project ON %I.key_directory (project_id) WHERE revoked_at IS NULL', place);
  END LOOP;
END $$;
