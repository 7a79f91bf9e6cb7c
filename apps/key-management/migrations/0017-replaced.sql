-- Which key came in its place: lists say so. Builds that follow in schemas of their own get the column, too, with what a rebuild would make of it.
DO $$ DECLARE place text; BEGIN
  FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'key_directory' LOOP
    EXECUTE format('ALTER TABLE %I.key_directory ADD COLUMN replaced_by uuid', place);
    EXECUTE format($sql$UPDATE %I.key_directory k SET replaced_by = (e.data->>'replacedBy')::uuid
      FROM events e WHERE e.type = 'KeyRotated' AND e.stream_id = 'key-' || k.key_id$sql$, place);
  END LOOP;
END $$;
