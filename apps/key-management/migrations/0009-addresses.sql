-- formerly KeyManagementAddresses0000000000005

-- No event so far holds any, so this is what a rebuild would make. Builds that follow in schemas of their own get the column, too.
DO $$ DECLARE place text; BEGIN
  FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'key_directory' LOOP
    EXECUTE format('ALTER TABLE %I.key_directory ADD COLUMN addresses text[] NOT NULL DEFAULT ''{}''', place);
  END LOOP;
END $$;
