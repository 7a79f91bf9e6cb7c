-- Members whom their organization has shut out: no key of theirs works in it meanwhile.
DO $$ DECLARE place text; BEGIN
  FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'members' LOOP
    EXECUTE format('ALTER TABLE %I.members ADD COLUMN shut_by_provider boolean NOT NULL DEFAULT false, ADD COLUMN shut_as_guest boolean NOT NULL DEFAULT false', place);
  END LOOP;
END $$;
