-- Since when a project is there, also where a process of the release before writes its row during an upgrade: it names no instant.
ALTER TABLE projects ALTER COLUMN created_at SET DEFAULT '-infinity';
CREATE FUNCTION project_since() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    NEW.created_at := coalesce((SELECT e.occurred_at FROM public.events AS e
      WHERE e.stream_id = 'organization-' || NEW.organization_id AND e.type = 'ProjectCreated' AND e.data->>'projectId' = NEW.project_id::text), now());
    RETURN NEW;
  END $$;
CREATE TRIGGER project_since BEFORE INSERT ON projects FOR EACH ROW WHEN (NEW.created_at = '-infinity') EXECUTE FUNCTION project_since();
-- What was written so since step 14.
UPDATE projects AS p SET created_at = e.occurred_at FROM events AS e
 WHERE e.type = 'ProjectCreated' AND e.stream_id = 'organization-' || p.organization_id AND e.data->>'projectId' = p.project_id::text AND p.created_at <> e.occurred_at;
