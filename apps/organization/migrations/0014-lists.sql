-- Since when a project is there, told by the log of those of before. A process of the release before writes rows without it.
DO $$ DECLARE place text; BEGIN
  FOR place IN SELECT schemaname FROM pg_tables WHERE tablename = 'projects' LOOP
    EXECUTE format('ALTER TABLE %I.projects ADD COLUMN created_at timestamptz NOT NULL DEFAULT now()', place);
    EXECUTE format($sql$UPDATE %I.projects AS p SET created_at = e.occurred_at FROM events AS e
      WHERE e.type = 'ProjectCreated' AND e.stream_id = 'organization-' || p.organization_id AND e.data->>'projectId' = p.project_id::text$sql$, place);
    -- In which projects somebody is.
    EXECUTE format('CREATE INDEX ON %I.project_members (organization_id, account_id)', place);
  END LOOP;
END $$;
-- Who did it, as far as it was told: account:<id>, operator or service:<name>. Of what was written down before, the log knows it where it is this service's own.
ALTER TABLE organization_record ADD COLUMN actor text;
UPDATE organization_record AS r SET actor = CASE WHEN e.meta->>'actor' LIKE 'operator:%' THEN 'operator' ELSE e.meta->>'actor' END
  FROM events AS e WHERE e.event_id = r.event_id;
CREATE INDEX organization_record_actor ON organization_record (organization_id, actor, seq);
CREATE INDEX organization_record_key ON organization_record (organization_id, (data->>'keyId'), seq) WHERE data->>'keyId' IS NOT NULL;
