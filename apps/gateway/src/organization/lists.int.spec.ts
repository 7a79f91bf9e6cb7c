import { randomUUID } from 'node:crypto';
import type { identity, organization } from '#contracts';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

const AT = '2026-01-01T00:00:00.000Z';
const ORGANIZATION = randomUUID();
const PROJECTS = [
  { projectId: randomUUID(), name: 'Mill' },
  { projectId: randomUUID(), name: 'Store' },
] as const;
const account = (accountId: string, more: Partial<identity.Account> = {}): identity.Account => ({
  accountId,
  name: 'Ada',
  email: 'ada@example.com',
  createdAt: AT,
  status: 'active',
  idleTimeoutEnabled: false,
  idleTimeoutMinutes: 30,
  idleTimeoutRequired: false,
  ...more,
});

describe('lists of an organization', () => {
  let gateway: GatewayHarness;
  let cookie: string;
  let owns = true;
  const people = Array.from({ length: 200 }, () => randomUUID());
  const [first = '', suspended = '', strange = ''] = people;
  const invitations = Array.from({ length: 3 }, () => randomUUID());

  beforeAll(async () => {
    gateway = await gatewayHarness({
      'organization': {
        Organizations: {
          listMembers: async () => ({
            items: people.map((accountId): organization.Member => ({
              accountId,
              role: 'member',
              joinedAt: AT,
              status: 'active',
              ...(owns ? { projects: { first: [PROJECTS[0]], count: 21 } } : {}),
            })),
          }),
        },
        Invitations: {
          listInvitations: async () => ({
            items: invitations.map((invitationId, i) => ({
              invitationId,
              organizationId: ORGANIZATION,
              email: 'cleo@example.com',
              role: 'member',
              projectIds: [PROJECTS[0].projectId],
              expiresAt: AT,
              status: 'pending',
              detail: {
                createdAt: AT,
                inviterId: people[i] ?? '',
                inviterLeft: people[i] === strange,
                projects: [PROJECTS[0]],
                sentEventId: `event ${i}`,
              },
            })),
          }),
        },
        Projects: {
          listProjects: async () => ({
            items: PROJECTS.map((project, i) => ({
              ...project,
              organizationId: ORGANIZATION,
              status: 'active',
              detail: { member: i === 0, people: 7, createdAt: AT },
            })),
          }),
        },
      },
      'identity': {
        Accounts: {
          describeAccounts: async ({ accountIds }) => ({
            accounts: accountIds.map((id) =>
              account(id, {
                multiFactor: id === first,
                status: id === suspended ? 'suspended' : 'active',
                erased: id === suspended,
              }),
            ),
          }),
        },
      },
      'key-management': {
        Keys: {
          countKeys: async () => ({
            ofAccounts: [{ id: first, active: 3 }],
            ofProjects: [{ id: PROJECTS[0].projectId, active: 4 }],
          }),
        },
      },
      'inactivity-policy': {
        Inactivity: {
          listSeen: async ({ accountIds }) => ({
            accounts: accountIds.map((accountId) => ({
              accountId,
              dueAt: AT,
              ...(accountId === first ? { lastSeenAt: AT } : {}),
            })),
          }),
        },
      },
      'job-queue': { Jobs: { countJobs: async () => ({ counts: [{ projectId: PROJECTS[1].projectId, jobs: 5 }] }) } },
      'mailer': {
        Mails: {
          listOutcomes: async ({ mails }) => ({
            outcomes: mails.map(({ eventId }) => (eventId === 'event 1' ? 'bounced' : 'accepted')),
          }),
        },
      },
    });
    cookie = gateway.signedIn().cookie;
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.forget();
    gateway.away.clear();
    owns = true;
  });

  const list = async (what: string) =>
    (await gateway.ask('GET', `/v1/organizations/${ORGANIZATION}/${what}`, { headers: { cookie } })).json as {
      items: Record<string, unknown>[];
    };
  const LOOKS = [
    'identity.Accounts.describeAccounts',
    'key-management.Keys.countKeys',
    'inactivity-policy.Inactivity.listSeen',
    'job-queue.Jobs.countJobs',
    'mailer.Mails.listOutcomes',
  ];
  const asked = () => LOOKS.map((method) => gateway.asked(method).length);

  it('show owners 200 members by one question to each who knows of them', async () => {
    const { items } = await list('members');
    expect(asked()).toEqual([1, 1, 1, 0, 0]);
    expect(items).toHaveLength(200);
    const projects = [{ id: PROJECTS[0].projectId, name: 'Mill' }];
    expect(items[0]).toMatchObject({ activeKeys: 3, secondFactor: true, lastSeenAt: AT, dueAt: AT, projects });
    expect(items[1]).toMatchObject({ accountStatus: 'suspended', activeKeys: 0, lastSeenAt: null, dueAt: null });
    expect(items[2]).toMatchObject({ accountStatus: 'active', secondFactor: false, projectCount: 21 });
  });

  it('show other members what they saw before, and ask nobody for more', async () => {
    owns = false;
    const { items } = await list('members');
    expect(asked()).toEqual([1, 0, 0, 0, 0]);
    expect(Object.keys(items[0] ?? {}).sort()).toEqual(['accountId', 'email', 'joinedAt', 'name', 'role', 'status']);
  });

  it('show invitations with whoever stands for them, unless they left or are erased, and their mails', async () => {
    const { items } = await list('invitations');
    expect(asked()).toEqual([1, 0, 0, 0, 1]);
    expect(items).toMatchObject([
      { inviter: { accountId: first, name: 'Ada' }, mail: 'accepted', createdAt: AT, projects: [{ name: 'Mill' }] },
      { inviter: { accountId: suspended, name: null }, mail: 'bounced' },
      { inviter: { accountId: strange, name: null }, mail: 'accepted' },
    ]);
  });

  it('show projects with whether one is in them and their counts', async () => {
    const { items } = await list('projects');
    expect(asked()).toEqual([0, 1, 0, 1, 0]);
    expect(items).toMatchObject([
      { name: 'Mill', member: true, createdAt: AT, counts: { people: 7, activeKeys: 4, jobs: 0 } },
      { name: 'Store', member: false, counts: { people: 7, activeKeys: 0, jobs: 5 } },
    ]);
  });

  it('are shown though whoever adds to them is away, and say that they do not know', async () => {
    for (const owner of ['key-management', 'inactivity-policy', 'job-queue', 'mailer'] as const)
      gateway.away.add(owner);
    const [member] = (await list('members')).items;
    expect(member).toMatchObject({ accountId: first, secondFactor: true });
    for (const field of ['activeKeys', 'lastSeenAt', 'dueAt']) expect(member).not.toHaveProperty(field);
    expect((await list('invitations')).items).toMatchObject([{ mail: null }, { mail: null }, { mail: null }]);
    expect((await list('projects')).items).toMatchObject([{ counts: { people: 7, activeKeys: null, jobs: null } }, {}]);
  });
});
