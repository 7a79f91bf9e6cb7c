const count = (n: number, one: string, many: string) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
const people = (n: number) => count(n, 'person', 'people');
const keys = (n: number) => count(n, 'key', 'keys');
const jobs = (n: number) => count(n, 'job', 'jobs');

export const projects = {
  title: 'Projects',
  lead: 'A project holds people, their keys, and the jobs that are submitted with them.',
  list: 'Projects',
  create: 'Create project',
  createTitle: 'Create a project',
  name: 'Name',
  nameHint: 'You are in it from the start, and can add people afterwards.',
  archived: 'Archived',
  notIn: 'You are not in it',
  counts: { people: 'People', keys: 'Active keys', jobs: 'Jobs in 30 days' },
  unknown: '–',
  which: { label: 'Which projects', active: 'Active', all: 'All' },
  count: (n: number) => count(n, 'project', 'projects'),
  empty: {
    owner: { title: 'No projects yet', text: 'Create one to hold people, keys and jobs.' },
    member: { title: 'No projects yet', text: 'Ask an owner to add you to one.' },
  },
  detail: {
    back: 'All projects',
    rename: 'Rename',
    renameTitle: (name: string) => `Rename “${name}”`,
    archive: 'Archive project',
    archiveTitle: (name: string) => `Archive “${name}”?`,
    archiveText: (stopping: number | null, running: number | null) =>
      `${stopping === null ? 'Its keys stop' : `${keys(stopping)} ${stopping === 1 ? 'stops' : 'stop'}`} working now; ${
        running === null ? 'its open jobs' : jobs(running)
      } still ${running === 1 ? 'runs' : 'run'}.`,
    archiveHint: 'An archived project cannot be brought back. What it did stays readable.',
    created: 'Created',
    keysLink: (n: number | null) =>
      n === null ? 'Its keys' : `${n.toLocaleString('en')} active ${n === 1 ? 'key' : 'keys'}`,
    jobsLink: (n: number | null) => (n === null ? 'Its jobs' : `${jobs(n)} in 30 days`),
    people: 'People',
    peopleLead: 'They see its jobs and can make keys in it.',
    find: { label: 'Find a person', placeholder: 'Find by name or e-mail' },
    countPeople: (n: number, isMore: boolean) => (isMore ? `${n}+ people` : people(n)),
    add: 'Add a person',
    addTitle: (name: string) => `Add a person to “${name}”`,
    person: 'Person',
    addHint: 'Members of the organization. Others are invited first.',
    nobody: 'Everybody of the organization is in this project.',
    columns: { person: 'Person', role: 'Role', act: 'Actions' },
    actions: (name: string) => `Actions for ${name}`,
    remove: 'Remove from project',
    removeItem: 'Remove…',
    removeTitle: (person: string, project: string) => `Remove ${person} from “${project}”?`,
    revoked: (names: readonly string[], isMore: boolean) =>
      names.length === 0
        ? 'They have no keys here.'
        : `${isMore ? `${names.length}+ keys are` : names.length === 1 ? '1 key is' : `${names.length} keys are`} revoked for good: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}.`,
    removeText: 'They no longer see the project. Jobs that were already submitted still run.',
  },
};
