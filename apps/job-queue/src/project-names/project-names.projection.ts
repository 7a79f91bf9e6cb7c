import { foreignProjection } from '#bus';
import { table } from '#event-sourcing';

const PROJECTS = table('projects', { project_id: 'uuid', name: 'text' }, 'project_id');

/** Names of projects, as organization has stated them. */
export const projectNames = foreignProjection({
  name: 'project-names-1',
  from: { 'organization.organizations': ['organization'] },
  tables: [PROJECTS],
  change(rows, { name, data }) {
    if (name === 'ProjectCreated.v1' || name === 'ProjectRenamed.v1')
      rows.put(PROJECTS, { project_id: data.projectId, name: data.name });
  },
});
