-- formerly Epochs0000000000006

ALTER TABLE parked ADD COLUMN raw_key bytea, ADD COLUMN raw_value bytea, ADD COLUMN raw_headers bytea;
-- All that is known already counts as of the first epoch: what is told again in a newer one is taken again.
ALTER TABLE inbox_versions ADD COLUMN epoch integer NOT NULL DEFAULT 1;
ALTER TABLE relay_versions ADD COLUMN epoch integer NOT NULL DEFAULT 1;
DO $$ DECLARE place text; BEGIN
  FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'build_versions' LOOP
    EXECUTE format('ALTER TABLE %I.build_versions ADD COLUMN epoch integer NOT NULL DEFAULT 1', place);
  END LOOP;
END $$;
