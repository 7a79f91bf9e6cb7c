-- formerly OrganizationBuilds0000000000003

-- Who is removed from an organization is removed from its projects: a row says by itself whose it is.
ALTER TABLE project_members ADD COLUMN organization_id uuid;
UPDATE project_members AS m SET organization_id = p.organization_id FROM projects AS p WHERE p.project_id = m.project_id;
DELETE FROM project_members WHERE organization_id IS NULL;
ALTER TABLE project_members ALTER COLUMN organization_id SET NOT NULL;
