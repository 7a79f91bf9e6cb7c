import { randomUUID } from 'node:crypto';
import type { organization as organizationProto } from '#contracts';
import { PostgresEventStore } from '#event-sourcing';
import type { CallContext } from '#platform';
import type { Message } from '#bus';
import { serviceHarness, type ServiceHarness } from '#testing';
import { forgetExpired } from './invitation/invited-addresses.ts';
import { organization } from './organization.module.ts';

/** What the neighbours know; the service itself is real, and so are its calls to them. */
const world = {
  addresses: new Map<string, string>(),
  registered: new Map<string, Message>(),
  confirms: true,
  asked: [] as string[],
  secured: new Set<string>(),
  demanded: [] as string[],
};

const context = (change: Partial<CallContext> = {}): CallContext => ({
  correlationId: randomUUID(),
  actor: 'account:test',
  ...change,
});
const oncePer = () => context({ commandId: randomUUID(), fingerprint: 'f' });

function fact(type: string, accountId: string, version: number, data: object): Message {
  return {
    topic: 'identity.accounts',
    key: `account-${accountId}`,
    eventId: randomUUID(),
    type,
    version,
    previous: version - 1,
    source: 'identity',
    time: '2026-01-01T00:00:00.000Z',
    position: `1.${version}.1`,
    correlationId: 'test',
    data: { accountId, ...data },
  };
}

function person(email = `${randomUUID()}@example.com`) {
  const ids = { accountId: randomUUID(), organizationId: randomUUID(), projectId: randomUUID() };
  world.addresses.set(email, ids.accountId);
  const registered = fact('AccountRegistered.v1', ids.accountId, 1, {
    organizationId: ids.organizationId,
    projectId: ids.projectId,
    registeredAt: '2026-01-01T00:00:00.000Z',
  });
  world.registered.set(registered.key, registered);
  return { ...ids, email, registered };
}

async function eventually(holds: () => Promise<boolean>) {
  const until = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error('it never came to hold');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('organization', () => {
  let harness: ServiceHarness;
  beforeAll(async () => {
    harness = await serviceHarness(
      [
        {
          service: organization,
          config: async () => ({ enforceWithinMs: 300, organizationsPerAccount: 5, projectsPerOrganization: 5 }),
        },
      ],
      {
        'identity': {
          Accounts: {
            findAccount: async ({ email }) => ({ accountId: world.addresses.get(email) }),
            getStanding: async ({ accountId }) => ({
              multiFactor: world.secured.has(accountId),
              status: 'active',
              passkey: false,
            }),
            confirmDemands: async ({ streamId, version }) => {
              world.demanded.push(`${streamId}@${version}`);
              return { confirmed: world.confirms };
            },
            getAccount: async ({ accountId }) => ({
              accountId,
              email: [...world.addresses].find(([, id]) => id === accountId)?.[0] ?? '',
              name: 'Ada',
              createdAt: '2026-01-01T00:00:00.000Z',
              status: 'active',
              idleTimeoutEnabled: false,
              idleTimeoutMinutes: 30,
              idleTimeoutRequired: false,
            }),
          },
          SingleSignOn: { look: async () => ({ next: 'password' }) },
          History: {
            readStream: async ({ streamId, afterVersion }) => {
              const found = world.registered.get(streamId);
              if (!found || afterVersion >= 1) return { facts: [] };
              const { key, data, ...rest } = found;
              return { facts: [{ ...rest, streamId: key, data: JSON.stringify(data) }] };
            },
          },
        },
        'key-management': {
          Gate: {
            confirmWithdrawal: async ({ streamId, version }) => {
              world.asked.push(`${streamId}@${version}`);
              return { confirmed: world.confirms };
            },
          },
        },
      },
    );
  });
  afterAll(() => harness.stop());
  beforeEach(() => {
    world.confirms = true;
  });

  const organizations = () => harness.peer('gateway').of('organization', 'Organizations');
  const projects = () => harness.peer('gateway').of('organization', 'Projects');
  const invitations = () => harness.peer('gateway').of('organization', 'Invitations');
  const mail = (invitationId: string) =>
    harness.peer('mailer').of('organization', 'Invitations').addressInvitation({ invitationId }, context());
  const all = { limit: 50 };

  const fulfilled = (all: readonly PromiseSettledResult<unknown>[]) =>
    all.filter(({ status }) => status === 'fulfilled').length;

  it('lets an account create organizations up to its limit, also when it creates many at once, and repeats what was granted', async () => {
    const { accountId } = person();
    const create = (by = context()) => organizations().createOrganization({ callerId: accountId, name: 'Acme' }, by);
    const once = oncePer();
    const first = await create(once);
    expect(fulfilled(await Promise.allSettled(Array.from({ length: 8 }, () => create())))).toBe(4);
    await refused(create(), 'organization/too-many');
    expect(await create(once)).toEqual(first);
  });

  it('lets an account join organizations up to the same limit, and keeps the link of one for which there is no room', async () => {
    const someone = person();
    const tokens = await Promise.all(
      Array.from({ length: 7 }, async () => {
        const { owner, organizationId } = await team();
        const { invitationId } = await invitations().invite(
          { callerId: owner.accountId, organizationId, email: someone.email, role: 'member', projectIds: [] },
          context(),
        );
        return (await mail(invitationId)).token;
      }),
    );
    // The organization that everybody is registered with is one of the five: brought first, so that it never comes in between.
    await organizations().listOrganizations({ callerId: someone.accountId, ...all }, context());
    const accept = (token: string) => invitations().acceptInvitation({ token, callerId: someone.accountId }, context());
    const answers = await Promise.allSettled(tokens.map(accept));
    const joined = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.organizationId] : []));
    expect(joined).toHaveLength(4);
    const without = tokens.filter((_, n) => answers[n]?.status === 'rejected');
    for (const token of without) await refused(accept(token), 'organization/too-many');
    await organizations().leaveOrganization(
      { callerId: someone.accountId, organizationId: joined[0] ?? '' },
      context(),
    );
    await accept(without[0] ?? '');
  });

  it('lets an organization have active projects up to its limit, also when many are created at once', async () => {
    const {
      owner: { accountId: callerId },
      organizationId,
    } = await team();
    const create = () => projects().createProject({ callerId, organizationId, name: 'Chemistry' }, context());
    const { projectId } = await create();
    expect(fulfilled(await Promise.allSettled(Array.from({ length: 8 }, () => create())))).toBe(4);
    await refused(create(), 'project/too-many');
    await projects().archiveProject({ callerId, projectId }, context());
    await create();
  });

  async function team(...members: readonly ('owner' | 'member')[]) {
    const owner = person();
    const { organizationId } = await organizations().createOrganization(
      { callerId: owner.accountId, name: 'Acme' },
      context(),
    );
    const joined = [];
    for (const role of members) joined.push(await join(owner.accountId, organizationId, role));
    return { owner, organizationId, members: joined };
  }

  async function join(
    ownerId: string,
    organizationId: string,
    role: 'owner' | 'member' = 'member',
    projectIds: string[] = [],
  ) {
    const someone = person();
    const { invitationId } = await invitations().invite(
      { callerId: ownerId, organizationId, email: someone.email, role, projectIds },
      context(),
    );
    const { token } = await mail(invitationId);
    await invitations().acceptInvitation({ token, callerId: someone.accountId }, context());
    return someone;
  }

  const refused = (call: Promise<unknown>, code: string) => expect(call).rejects.toMatchObject({ code });

  describe('an account that was registered', () => {
    it('is told what is wrong with a name that is no text', async () => {
      await refused(
        organizations().createOrganization({ callerId: person().accountId, name: 'a\0b' }, context()),
        'request/invalid',
      );
    });

    it('has its organization and first project, under the ids that identity gave, when the fact arrives', async () => {
      const ada = person();
      await harness.bus.publish([ada.registered]);
      await eventually(
        async () =>
          (
            await harness
              .database('organization')
              .pool.query('SELECT FROM organizations WHERE organization_id = $1', [ada.organizationId])
          ).rowCount === 1,
      );
      expect(
        await organizations().getOrganization(
          { callerId: ada.accountId, organizationId: ada.organizationId },
          context(),
        ),
      ).toMatchObject({ organizationId: ada.organizationId, name: 'Personal', role: 'owner' });
    });

    it('has them at once, though the bus has brought nothing', async () => {
      const [ada, bob, cleo, dana] = [person(), person(), person(), person()];
      expect(await organizations().listOrganizations({ callerId: ada.accountId, ...all }, context())).toEqual({
        items: [{ organizationId: ada.organizationId, name: 'Personal', role: 'owner', status: 'active' }],
      });
      expect(
        await projects().getProject({ callerId: bob.accountId, projectId: bob.projectId }, context()),
      ).toMatchObject({ name: 'First project', organizationId: bob.organizationId, status: 'active' });
      expect(
        (await projects().listProjects({ callerId: cleo.accountId, id: cleo.organizationId, ...all }, context())).items,
      ).toHaveLength(1);
      expect(
        await organizations().renameOrganization(
          { callerId: dana.accountId, id: dana.organizationId, name: 'Lab' },
          context(),
        ),
      ).toMatchObject({ name: 'Lab' });
      await harness.bus.publish([ada, bob, cleo, dana].map(({ registered }) => registered));
      expect(
        (await organizations().listOrganizations({ callerId: ada.accountId, ...all }, context())).items,
      ).toHaveLength(1);
    });
  });

  describe('CreateOrganization', () => {
    it('makes one organization when it is repeated', async () => {
      const ada = person();
      const once = oncePer();
      const first = await organizations().createOrganization({ callerId: ada.accountId, name: 'Acme' }, once);
      expect(await organizations().createOrganization({ callerId: ada.accountId, name: 'Acme' }, once)).toEqual(first);
      expect(first).toMatchObject({ name: 'Acme', role: 'owner' });
    });

    it('tells how far it went, and a list that has seen it shows it', async () => {
      const ada = person();
      let seen = '';
      await organizations().createOrganization(
        { callerId: ada.accountId, name: 'Acme' },
        context({
          onSeen: (told) => {
            seen = told;
          },
        }),
      );
      expect(
        (await organizations().listOrganizations({ callerId: ada.accountId, ...all }, context({ seen }))).items.map(
          ({ name }) => name,
        ),
      ).toContain('Acme');
    });
  });

  describe('who may', () => {
    it('is nobody to strangers, who hear the same 404 as of nothing', async () => {
      const { organizationId } = await team();
      const eve = person();
      await refused(
        organizations().getOrganization({ callerId: eve.accountId, organizationId }, context()),
        'organization/unknown',
      );
      await refused(
        organizations().getOrganization({ callerId: eve.accountId, organizationId: randomUUID() }, context()),
        'organization/unknown',
      );
      await refused(
        organizations().listMembers({ callerId: eve.accountId, id: organizationId, ...all }, context()),
        'organization/unknown',
      );
      await refused(
        projects().getProject({ callerId: eve.accountId, projectId: randomUUID() }, context()),
        'project/unknown',
      );
      await refused(
        invitations().revokeInvitation({ callerId: eve.accountId, invitationId: randomUUID() }, context()),
        'invitation/unknown',
      );
    });

    it('is an owner where members get a 403', async () => {
      const {
        organizationId,
        members: [bob],
      } = await team('member');
      const callerId = bob?.accountId ?? '';
      await refused(
        organizations().renameOrganization({ callerId, id: organizationId, name: 'x' }, context()),
        'organization/owner-required',
      );
      await refused(
        projects().createProject({ callerId, organizationId, name: 'x' }, context()),
        'organization/owner-required',
      );
      await refused(
        invitations().invite(
          { callerId, organizationId, email: 'x@example.com', role: 'member', projectIds: [] },
          context(),
        ),
        'organization/owner-required',
      );
      await refused(
        invitations().listInvitations({ callerId, id: organizationId, ...all }, context()),
        'organization/owner-required',
      );
    });

    it('is the gateway, where the method names nobody else', async () => {
      await refused(
        harness
          .peer('mailer')
          .of('organization', 'Organizations')
          .getOrganization({ callerId: randomUUID(), organizationId: randomUUID() }, context()),
        'caller/not-permitted',
      );
      await refused(
        harness.peer('gateway').of('organization', 'Invitations').proveInvitation({ token: 'x' }, context()),
        'caller/not-permitted',
      );
    });
  });

  describe('members', () => {
    it('are listed in parts, by id, with roles and since when', async () => {
      const { owner, organizationId, members } = await team('member', 'owner');
      const sorted = [owner, ...members].map(({ accountId }) => accountId).sort();
      const first = await organizations().listMembers(
        { callerId: owner.accountId, id: organizationId, limit: 2 },
        context(),
      );
      expect(first).toMatchObject({
        next: sorted[1],
        items: [{ accountId: sorted[0], joinedAt: expect.stringMatching(/Z$/) as string }, { accountId: sorted[1] }],
      });
      expect(
        await organizations().listMembers(
          { callerId: owner.accountId, id: organizationId, limit: 2, after: first.next },
          context(),
        ),
      ).toMatchObject({ items: [{ accountId: sorted[2] }] });
    });

    it('are shown to owners with their projects that are not archived, to others without', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('member');
      const [callerId, accountId] = [owner.accountId, bob?.accountId ?? ''];
      const made = [];
      for (const name of ['Chemistry', 'Physics', 'Alchemy']) {
        const { projectId } = await projects().createProject({ callerId, organizationId, name }, context());
        await projects().addProjectMember({ callerId, id: projectId, accountId }, context());
        made.push({ projectId, name });
      }
      await projects().archiveProject({ callerId, projectId: made[2]?.projectId ?? '' }, context());
      const projectsOf = async (viewer: string) =>
        (await organizations().listMembers({ callerId: viewer, id: organizationId, ...all }, context())).items.find(
          (item) => item.accountId === accountId,
        )?.projects;
      expect(await projectsOf(callerId)).toEqual({ first: made.slice(0, 2), count: 2 });
      expect(await projectsOf(accountId)).toBeUndefined();
    });

    it('are gone everywhere when the answer says so, also when it is asked again', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('member');
      const gone = { callerId: owner.accountId, id: organizationId, accountId: bob?.accountId ?? '' };
      expect(await organizations().removeMember(gone, context())).toEqual({ enforced: true });
      const asked = world.asked.at(-1);
      expect(await organizations().removeMember(gone, context())).toEqual({ enforced: true });
      expect(world.asked.at(-1)).toBe(asked);
      await refused(
        organizations().getOrganization({ callerId: gone.accountId, organizationId }, context()),
        'organization/unknown',
      );
    });

    it('are removed though the gates cannot be asked in time, and the answer claims no more', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('member');
      world.confirms = false;
      expect(
        await organizations().removeMember(
          { callerId: owner.accountId, id: organizationId, accountId: bob?.accountId ?? '' },
          context(),
        ),
      ).toEqual({ enforced: false });
      expect(
        (await organizations().listMembers({ callerId: owner.accountId, id: organizationId, ...all }, context())).items,
      ).toHaveLength(1);
    });

    it('may leave, but not the last active owner', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('member');
      await refused(
        organizations().leaveOrganization({ callerId: owner.accountId, organizationId }, context()),
        'organization/last-owner',
      );
      expect(
        await organizations().leaveOrganization({ callerId: bob?.accountId ?? '', organizationId }, context()),
      ).toEqual({ enforced: true });
      await refused(
        organizations().leaveOrganization({ callerId: owner.accountId, organizationId }, context()),
        'organization/last-owner',
      );
    });

    it('do not both stop owning it, when two owners are demoted at the same moment', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('owner');
      const [a, b] = [owner.accountId, bob?.accountId ?? ''];
      const both = await Promise.allSettled(
        [a, b].map((id) =>
          organizations().changeRole({ callerId: id, organizationId, accountId: id, role: 'member' }, context()),
        ),
      );
      expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(
        (await harness.peer('mailer').of('organization', 'Organizations').listOwners({ organizationId }, context()))
          .accountIds,
      ).toHaveLength(1);
    });
  });

  describe('what owners ask of their people', () => {
    const DAY_MS = 86_400_000;
    const secured = async (...members: readonly ('owner' | 'member')[]) => {
      const made = await team(...members);
      world.secured.add(made.owner.accountId);
      return { ...made, ask: { callerId: made.owner.accountId, organizationId: made.organizationId, required: true } };
    };
    const inDays = (days: number) => new Date(harness.clock.now().getTime() + days * DAY_MS).toISOString();

    it('is in the answer and in every look at the organization, confirmed by identity at its version', async () => {
      const { ask, organizationId } = await secured();
      const from = inDays(30);
      const asked = await organizations().demandSecondFactor({ ...ask, from }, context());
      expect(asked).toEqual({
        organization: {
          organizationId,
          name: 'Acme',
          role: 'owner',
          status: 'active',
          demands: { secondFactorFrom: from, idleTimeout: false },
        },
        enforced: true,
      });
      expect(world.demanded.at(-1)).toBe(`organization-${organizationId}@2`);
      await organizations().demandIdleTimeout(ask, context());
      expect(world.demanded.at(-1)).toBe(`organization-${organizationId}@3`);
      expect(await organizations().getOrganization(ask, context())).toMatchObject({
        demands: { secondFactorFrom: from, idleTimeout: true },
      });
      await organizations().demandSecondFactor({ ...ask, required: false }, context());
      expect(await organizations().demandIdleTimeout({ ...ask, required: false }, context())).toMatchObject({
        organization: { demands: { idleTimeout: false } },
      });
    });

    it('stands though identity cannot be asked in time, and the answer claims no more', async () => {
      const { ask } = await secured();
      world.confirms = false;
      expect(await organizations().demandIdleTimeout(ask, context())).toMatchObject({
        organization: { demands: { idleTimeout: true } },
        enforced: false,
      });
    });

    it('takes an instant of any offset, and tells what is none', async () => {
      const { ask } = await secured();
      const from = inDays(9);
      const { organization: asked } = await organizations().demandSecondFactor(
        { ...ask, from: from.replace('Z', '+00:00') },
        context(),
      );
      expect(asked?.demands?.secondFactorFrom).toBe(from);
      await refused(organizations().demandSecondFactor({ ...ask, from: 'soon' }, context()), 'request/invalid');
      await refused(organizations().demandSecondFactor({ ...ask, from: inDays(1) }, context()), 'request/invalid');
    });

    it('is for owners to ask who have a second factor themselves', async () => {
      const { ask, owner, organizationId, members } = await secured('member');
      const [bob] = members;
      world.secured.delete(owner.accountId);
      await refused(organizations().demandSecondFactor(ask, context()), 'organization/second-factor-required');
      for (const callerId of [bob?.accountId ?? '', person().accountId])
        await refused(
          organizations().demandSecondFactor({ callerId, organizationId, required: true }, context()),
          callerId === bob?.accountId ? 'organization/owner-required' : 'organization/unknown',
        );
    });

    it('keeps out who lacks a second factor once its day has come, and the link unspent', async () => {
      const { ask, owner, organizationId } = await secured();
      await organizations().demandSecondFactor(ask, context());
      const [bob, cleo] = [person(), person()];
      const invite = ({ email }: typeof bob) =>
        invitations().invite(
          { callerId: owner.accountId, organizationId, email, role: 'member', projectIds: [] },
          context(),
        );
      const [first, second] = [await invite(bob), await invite(cleo)];
      const { token } = await mail(first.invitationId);
      harness.clock.setOffset(8 * DAY_MS);
      const byLink = () => invitations().acceptInvitation({ token, callerId: bob.accountId }, context());
      const own = () =>
        invitations().acceptOwnInvitation({ callerId: cleo.accountId, invitationId: second.invitationId }, context());
      await refused(byLink(), 'organization/second-factor-required');
      await refused(own(), 'organization/second-factor-required');
      world.secured.add(bob.accountId).add(cleo.accountId);
      expect(await byLink()).toMatchObject({ organizationId });
      expect(await own()).toMatchObject({ organizationId });
      expect(world.demanded.at(-1)).toMatch(`organization-${organizationId}@`);
      harness.clock.setOffset(0);
    });

    it('names to the mailer who owns organizations beside an account, each once', async () => {
      const { owner, members } = await team('owner', 'member');
      const coOwners = async ({ accountId }: { accountId: string }) =>
        (await harness.peer('mailer').of('organization', 'Organizations').listCoOwners({ accountId }, context()))
          .accountIds;
      const [bob, cleo] = members;
      if (!bob || !cleo) throw new Error('nobody joined');
      expect(await coOwners(owner)).toEqual([bob.accountId]);
      expect(await coOwners(cleo)).toEqual([owner.accountId, bob.accountId].sort());
    });

    it('is told to its active members, whom the mailer asks for, and to all by its facts', async () => {
      const { ask, owner, organizationId, members } = await secured('owner', 'member');
      await organizations().demandSecondFactor(ask, context());
      const { accountIds } = await harness
        .peer('mailer')
        .of('organization', 'Organizations')
        .listActiveMembers({ organizationId }, context());
      expect(accountIds).toEqual([owner, ...members].map(({ accountId }) => accountId).sort());
      await eventually(async () =>
        (await harness.told('organization.organizations')).some(
          ({ name, data }) =>
            name === 'SecondFactorRequired.v1' && data.organizationId === organizationId && data.from > inDays(6.9),
        ),
      );
    });
  });

  describe('a suspended owner', () => {
    it('does not count, and that nobody active owns the organization is stated once', async () => {
      const { owner, organizationId } = await team('member');
      const suspended = fact('AccountSuspended.v1', owner.accountId, 2, {
        reason: 'operator',
        suspendedAt: '2026-01-02T00:00:00.000Z',
      });
      await harness.bus.publish([
        owner.registered,
        suspended,
        fact('AccountReactivated.v1', owner.accountId, 3, { reactivatedAt: '2026-01-03T00:00:00.000Z' }),
      ]);
      const orphaned = () =>
        harness
          .database('organization')
          .pool.query(`SELECT FROM events WHERE stream_id = $1 AND type = 'OrganizationOrphaned'`, [
            `organization-${organizationId}`,
          ]);
      await eventually(async () => (await orphaned()).rowCount === 1);
      await eventually(
        async () =>
          (await harness.peer('mailer').of('organization', 'Organizations').listOwners({ organizationId }, context()))
            .accountIds.length === 1,
      );
    });
  });

  describe('projects', () => {
    it('are made once when the wish is repeated', async () => {
      const { owner, organizationId } = await team();
      const once = oncePer();
      const first = await projects().createProject(
        { callerId: owner.accountId, organizationId, name: 'Chemistry' },
        once,
      );
      await projects().createProject({ callerId: owner.accountId, organizationId, name: 'Physics' }, context());
      expect(
        await projects().createProject({ callerId: owner.accountId, organizationId, name: 'Chemistry' }, once),
      ).toEqual(first);
    });

    it('are seen by owners and by who is in them', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('member');
      const callerId = bob?.accountId ?? '';
      const { projectId } = await projects().createProject(
        { callerId: owner.accountId, organizationId, name: 'Chemistry' },
        context(),
      );
      await refused(projects().getProject({ callerId, projectId }, context()), 'project/unknown');
      await refused(projects().listProjectMembers({ callerId, id: projectId, ...all }, context()), 'project/unknown');
      expect((await projects().listProjects({ callerId, id: organizationId, ...all }, context())).items).toEqual([]);
      await projects().addProjectMember({ callerId: owner.accountId, id: projectId, accountId: callerId }, context());
      expect((await projects().listProjects({ callerId, id: organizationId, ...all }, context())).items).toMatchObject([
        { projectId, status: 'active' },
      ]);
      expect((await projects().listProjectMembers({ callerId, id: projectId, ...all }, context())).items).toHaveLength(
        2,
      );
      await refused(
        projects().renameProject({ callerId, id: projectId, name: 'x' }, context()),
        'organization/owner-required',
      );
      expect(
        await projects().renameProject({ callerId: owner.accountId, id: projectId, name: 'Physics' }, context()),
      ).toMatchObject({ name: 'Physics' });
      expect(
        await projects().removeProjectMember(
          { callerId: owner.accountId, id: projectId, accountId: callerId },
          context(),
        ),
      ).toEqual({ enforced: true });
      await refused(
        harness.peer('key-management').of('organization', 'Projects').getProject({ callerId, projectId }, context()),
        'project/unknown',
      );
    });

    it('say who is in them and since when they are there, listed and alone', async () => {
      const {
        owner,
        organizationId,
        members: [bob, cleo],
      } = await team('owner', 'member');
      const { projectId } = await projects().createProject(
        { callerId: owner.accountId, organizationId, name: 'Chemistry' },
        context(),
      );
      await projects().addProjectMember(
        { callerId: owner.accountId, id: projectId, accountId: cleo?.accountId ?? '' },
        context(),
      );
      const [made] = await harness
        .database('organization')
        .pool.query<{ occurred_at: Date }>(
          "SELECT occurred_at FROM events WHERE type = 'ProjectCreated' AND data->>'projectId' = $1",
          [projectId],
        )
        .then(({ rows }) => rows);
      for (const [viewer, member] of [
        [owner, true],
        [bob, false],
        [cleo, true],
      ] as const) {
        const callerId = viewer?.accountId ?? '';
        const shown = { projectId, detail: { member, people: 2, createdAt: made?.occurred_at.toISOString() } };
        expect(
          (await projects().listProjects({ callerId, id: organizationId, ...all }, context())).items,
        ).toMatchObject([shown]);
        expect(await projects().describeProject({ callerId, projectId }, context())).toMatchObject(shown);
      }
      await refused(
        projects().describeProject({ callerId: person().accountId, projectId }, context()),
        'project/unknown',
      );
    });

    it('are named to those who see them, however many they are', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('member');
      const ids = Array.from({ length: 301 }, () => randomUUID());
      const store = new PostgresEventStore(harness.database('organization').pool);
      const streamId = `organization-${organizationId}`;
      const { length } = await store.readStream(streamId);
      const made = ids.map((projectId) => ({
        type: 'ProjectCreated',
        data: { projectId, name: 'Chemistry', accountId: owner.accountId },
      }));
      await store.append({
        streamId,
        expectedVersion: length,
        events: [...made, { type: 'ProjectMemberAdded', data: { projectId: ids[300], accountId: bob?.accountId } }],
        cause: { at: new Date(), correlationId: 'c', actor: 'service:test' },
      });
      // A list waits until the read model shows what the log says.
      await projects().listProjects({ callerId: owner.accountId, id: organizationId, ...all }, context());
      const namedTo = async (callerId = '', of?: string) =>
        (await projects().listProjectIds({ callerId, organizationId: of }, context())).projectIds.sort();
      expect(await namedTo(owner.accountId)).toEqual([...ids].sort());
      expect(await namedTo(bob?.accountId)).toEqual([ids[300]]);
      expect(await namedTo(person().accountId)).toEqual([]);
      expect(await namedTo(bob?.accountId, organizationId)).toEqual([ids[300]]);
      expect(await namedTo(owner.accountId, randomUUID())).toEqual([]);
    });

    it('are archived, also when it is repeated, and take nobody in any more', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('member');
      const { projectId } = await projects().createProject(
        { callerId: owner.accountId, organizationId, name: 'Chemistry' },
        context(),
      );
      for (let times = 0; times < 2; times++) {
        expect(await projects().archiveProject({ callerId: owner.accountId, projectId }, context())).toMatchObject({
          enforced: true,
          project: { status: 'archived' },
        });
      }
      await refused(
        projects().addProjectMember(
          { callerId: owner.accountId, id: projectId, accountId: bob?.accountId ?? '' },
          context(),
        ),
        'project/archived',
      );
      await refused(
        invitations().invite(
          {
            callerId: owner.accountId,
            organizationId,
            email: 'x@example.com',
            role: 'member',
            projectIds: [projectId],
          },
          context(),
        ),
        'project/archived',
      );
    });
  });

  describe('invitations', () => {
    it('let the account of their address join, with role and projects, once', async () => {
      const { owner, organizationId } = await team();
      const { projectId } = await projects().createProject(
        { callerId: owner.accountId, organizationId, name: 'Chemistry' },
        context(),
      );
      const bob = person(`bob.${randomUUID()}@example.com`);
      const once = oncePer();
      const wish = {
        callerId: owner.accountId,
        organizationId,
        email: bob.email,
        role: 'owner',
        projectIds: [projectId],
      };
      const invited = await invitations().invite(wish, once);
      expect(invited).toMatchObject({
        email: bob.email,
        role: 'owner',
        projectIds: [projectId],
        status: 'pending',
        organizationId,
      });
      expect((await invitations().invite(wish, once)).invitationId).toBe(invited.invitationId);
      const { email, token } = await mail(invited.invitationId);
      expect(email).toBe(bob.email);
      expect(await invitations().lookInvitation({ token }, context())).toEqual({
        organizationName: 'Acme',
        role: 'owner',
        maskedEmail: 'b…@e….com',
        expiresAt: invited.expiresAt,
        projectNames: ['Chemistry'],
        next: 'sign-in',
      });
      expect(await invitations().lookInvitation({ token, callerId: bob.accountId }, context())).toMatchObject({
        next: 'accept',
      });
      expect(
        await harness.peer('identity').of('organization', 'Invitations').proveInvitation({ token }, context()),
      ).toEqual({ invitationId: invited.invitationId, email: bob.email, organizationId });
      await refused(
        invitations().acceptInvitation({ token, callerId: person().accountId }, context()),
        'invitation/other-account',
      );
      for (let times = 0; times < 2; times++)
        expect(await invitations().acceptInvitation({ token, callerId: bob.accountId }, context())).toEqual({
          organizationId,
          name: 'Acme',
          role: 'owner',
          status: 'active',
          demands: { idleTimeout: false },
        });
      expect(await projects().getProject({ callerId: bob.accountId, projectId }, context())).toMatchObject({
        projectId,
      });
      await refused(invitations().lookInvitation({ token }, context()), 'link/unknown');
      await refused(invitations().acceptInvitation({ token, callerId: owner.accountId }, context()), 'link/unknown');
      expect(await mail(invited.invitationId)).toEqual({ token: '' });
      await refused(invitations().invite({ ...wish, role: 'member' }, context()), 'invitation/already-member');
      await refused(
        invitations().resendInvitation({ callerId: owner.accountId, invitationId: invited.invitationId }, context()),
        'invitation/closed',
      );
    });

    it('are accepted under a command id, also when it is repeated', async () => {
      const { owner, organizationId } = await team();
      const bob = person();
      const { invitationId } = await invitations().invite(
        { callerId: owner.accountId, organizationId, email: bob.email, role: 'member', projectIds: [] },
        oncePer(),
      );
      const { token } = await mail(invitationId);
      const once = oncePer();
      for (let times = 0; times < 2; times++)
        expect(await invitations().acceptInvitation({ token, callerId: bob.accountId }, once)).toMatchObject({
          organizationId,
          role: 'member',
        });
    });

    it('offer an account to an address that has none', async () => {
      const { owner, organizationId } = await team();
      const { invitationId } = await invitations().invite(
        { callerId: owner.accountId, organizationId, email: 'New.One@Example.com', role: 'member', projectIds: [] },
        context(),
      );
      expect(await invitations().lookInvitation({ token: (await mail(invitationId)).token }, context())).toMatchObject({
        next: 'create',
        maskedEmail: 'n…@e….com',
      });
    });

    it('are sent again, and the older link is dead', async () => {
      const { owner, organizationId } = await team();
      const bob = person();
      const { invitationId } = await invitations().invite(
        { callerId: owner.accountId, organizationId, email: bob.email, role: 'member', projectIds: [] },
        context(),
      );
      const older = (await mail(invitationId)).token;
      await invitations().resendInvitation({ callerId: owner.accountId, invitationId }, context());
      const newer = (await mail(invitationId)).token;
      await refused(
        invitations().acceptInvitation({ token: older, callerId: bob.accountId }, context()),
        'link/unknown',
      );
      expect(await invitations().acceptInvitation({ token: newer, callerId: bob.accountId }, context())).toMatchObject({
        role: 'member',
      });
    });

    it('are listed with since when they wait, who stands for them now, their projects and the newest mail', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('owner');
      const { projectId } = await projects().createProject(
        { callerId: owner.accountId, organizationId, name: 'Chemistry' },
        context(),
      );
      const { invitationId } = await invitations().invite(
        {
          callerId: owner.accountId,
          organizationId,
          email: `${randomUUID()}@example.com`,
          role: 'member',
          projectIds: [projectId],
        },
        context(),
      );
      const listed = async () => {
        const wanted = { callerId: bob?.accountId ?? '', id: organizationId, ...all };
        let found: organizationProto.Invitation | undefined;
        await eventually(async () => {
          found = (await invitations().listInvitations(wanted, context())).items.find(
            (item) => item.invitationId === invitationId,
          );
          return found !== undefined;
        });
        return found?.detail;
      };
      const first = await listed();
      expect(first).toMatchObject({
        inviterId: owner.accountId,
        inviterLeft: false,
        projects: [{ projectId, name: 'Chemistry' }],
      });
      await invitations().resendInvitation({ callerId: bob?.accountId ?? '', invitationId }, context());
      const again = await listed();
      expect(again).toMatchObject({ createdAt: first?.createdAt, inviterId: bob?.accountId });
      expect(again?.sentEventId).not.toBe(first?.sentEventId);
      await invitations().resendInvitation({ callerId: owner.accountId, invitationId }, context());
      await organizations().leaveOrganization({ callerId: owner.accountId, organizationId }, context());
      expect(await listed()).toMatchObject({ inviterId: owner.accountId, inviterLeft: true });
    });

    it('are dead when they are revoked, when the address is invited anew, and when the inviter owns nothing any more', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('owner');
      const inviterId = bob?.accountId ?? '';
      const invite = async (email: string) => {
        const { invitationId } = await invitations().invite(
          { callerId: inviterId, organizationId, email, role: 'member', projectIds: [] },
          context(),
        );
        return { invitationId, token: (await mail(invitationId)).token };
      };
      const [revoked, replaced, lapsed] = [
        await invite('a@example.com'),
        await invite('b@example.com'),
        await invite('c@example.com'),
      ];
      await invitations().revokeInvitation(
        { callerId: owner.accountId, invitationId: revoked.invitationId },
        context(),
      );
      await invitations().invite(
        { callerId: owner.accountId, organizationId, email: 'b@example.com', role: 'member', projectIds: [] },
        context(),
      );
      await organizations().changeRole(
        { callerId: owner.accountId, organizationId, accountId: inviterId, role: 'member' },
        context(),
      );
      for (const { token } of [revoked, replaced, lapsed])
        await refused(invitations().lookInvitation({ token }, context()), 'link/unknown');
      // A lapsed invitation stays so, though the inviter is an owner again.
      await organizations().changeRole(
        { callerId: owner.accountId, organizationId, accountId: inviterId, role: 'owner' },
        context(),
      );
      await refused(invitations().lookInvitation({ token: lapsed.token }, context()), 'link/unknown');
      const statuses = async () =>
        (
          await invitations().listInvitations({ callerId: owner.accountId, id: organizationId, ...all }, context())
        ).items
          .map(({ status }) => status)
          .sort();
      await eventually(async () => (await statuses()).join() === 'accepted,lapsed,pending,revoked,revoked');
    });

    it('keep no address when they have ended, and never have it in the log', async () => {
      const { owner, organizationId } = await team();
      const email = `${randomUUID()}@example.com`;
      const { invitationId } = await invitations().invite(
        { callerId: owner.accountId, organizationId, email, role: 'member', projectIds: [] },
        context(),
      );
      const { pool } = harness.database('organization');
      expect(
        (await pool.query('SELECT FROM events WHERE data::text LIKE $1 OR meta::text LIKE $1', [`%${email}%`]))
          .rowCount,
      ).toBe(0);
      expect(
        (await pool.query('SELECT FROM invited_addresses WHERE invitation_id = $1', [invitationId])).rowCount,
      ).toBe(1);
      await invitations().revokeInvitation({ callerId: owner.accountId, invitationId }, context());
      expect(
        (await pool.query('SELECT FROM invited_addresses WHERE invitation_id = $1', [invitationId])).rowCount,
      ).toBe(0);
    });

    it('are at most 50 at a time, also when many are sent at once', async () => {
      const { owner, organizationId } = await team();
      const invite = (n: number) =>
        invitations().invite(
          { callerId: owner.accountId, organizationId, email: `p${n}@example.com`, role: 'member', projectIds: [] },
          context(),
        );
      for (let n = 0; n < 48; n++) await invite(n);
      const more = await Promise.allSettled([48, 49, 50, 51].map(invite));
      expect(more.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      await refused(invite(60), 'invitation/too-many');
    });

    it('are seen and accepted by whoever has the address, without the link; for all others there is none', async () => {
      const { owner, organizationId } = await team();
      const [bob, eve] = [person(), person()];
      let seen = '';
      const writing = () =>
        context({
          onSeen: (told) => {
            seen = told;
          },
        });
      const invite = (email: string) =>
        invitations().invite(
          { callerId: owner.accountId, organizationId, email, role: 'member', projectIds: [] },
          writing(),
        );
      const { invitationId } = await invite(bob.email);
      const own = async (who: { accountId: string }) =>
        (await invitations().listOwnInvitations({ callerId: who.accountId, ...all }, context({ seen }))).items;
      expect(await own(bob)).toEqual([
        {
          invitationId,
          organizationId,
          organizationName: 'Acme',
          role: 'member',
          expiresAt: expect.any(String) as string,
        },
      ]);
      expect(await own(eve)).toEqual([]);
      const accept = (who: { accountId: string }, id = invitationId) =>
        invitations().acceptOwnInvitation({ callerId: who.accountId, invitationId: id }, writing());
      const { token } = await mail(invitationId);
      await refused(accept(eve), 'invitation/unknown');
      await refused(accept(bob, randomUUID()), 'invitation/unknown');
      expect(await accept(bob)).toMatchObject({ organizationId, role: 'member' });
      expect(await accept(bob)).toMatchObject({ organizationId });
      expect(await own(bob)).toEqual([]);
      await refused(invitations().lookInvitation({ token }, context()), 'link/unknown');

      const withdrawn = await invite(eve.email);
      await invitations().revokeInvitation(
        { callerId: owner.accountId, invitationId: withdrawn.invitationId },
        writing(),
      );
      expect(await own(eve)).toEqual([]);
      await refused(accept(eve, withdrawn.invitationId), 'invitation/unknown');
    });

    it('answer every text that is no living link with the same 404', async () => {
      for (const token of ['', 'x', 'A'.repeat(64)])
        await refused(invitations().lookInvitation({ token }, context()), 'link/unknown');
    });

    it('end after 30 days', async () => {
      const { owner, organizationId } = await team();
      const bob = person();
      const { invitationId } = await invitations().invite(
        { callerId: owner.accountId, organizationId, email: bob.email, role: 'member', projectIds: [] },
        context(),
      );
      const { token } = await mail(invitationId);
      harness.clock.setOffset(30 * 86_400_000);
      await refused(invitations().acceptInvitation({ token, callerId: bob.accountId }, context()), 'link/unknown');
      // The list follows the log: it may be a moment behind.
      await eventually(
        async () =>
          (await invitations().listInvitations({ callerId: owner.accountId, id: organizationId, ...all }, context()))
            .items[0]?.status === 'expired',
      );
      harness.clock.setOffset(0);
    });
  });

  describe('the record', () => {
    it('says who did it, and which of those it names are here, by part as by whole', async () => {
      const {
        owner,
        organizationId,
        members: [bob],
      } = await team('member');
      const by = context({ actor: `account:${owner.accountId}` });
      const { projectId } = await projects().createProject(
        { callerId: owner.accountId, organizationId, name: 'Chemistry' },
        by,
      );
      const gone = { callerId: owner.accountId, id: organizationId, accountId: bob?.accountId ?? '' };
      await organizations().removeMember(gone, by);
      const read = (more: object = {}) =>
        harness
          .peer('gateway')
          .of('organization', 'Record')
          .listRecord(
            { callerId: owner.accountId, organizationId, types: [], after: 0, newestFirst: true, ...all, ...more },
            context(),
          );
      await eventually(async () => (await read()).items[0]?.type === 'MemberRemoved.v1');
      const mine = await read({ actorId: owner.accountId });
      expect(mine).toMatchObject({
        items: [
          { type: 'MemberRemoved.v1', actor: by.actor },
          { type: 'ProjectCreated.v1', actor: by.actor },
        ],
        next: 0,
        memberIds: [owner.accountId],
        projects: [{ projectId, name: 'Chemistry' }],
      });
      expect((await read({ actorId: randomUUID() })).items).toEqual([]);
      expect((await read({ newestFirst: false, limit: 1 })).items).toMatchObject([{ type: 'OrganizationCreated.v1' }]);
    });
  });

  describe('housekeeping', () => {
    it('forgets addresses of invitations that have expired, though nobody invites again', async () => {
      const { pool } = harness.database('organization');
      const now = new Date('2001-01-02T00:00:00.000Z');
      await pool.query(
        `INSERT INTO invited_addresses SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'old', '', $1::timestamptz + n * interval '1 s' FROM generate_series(-4, 1) AS n`,
        [now],
      );
      expect([
        await forgetExpired(pool, now, 3),
        await forgetExpired(pool, now, 3),
        await forgetExpired(pool, now, 3),
      ]).toEqual([3, 2, 0]);
      expect((await pool.query(`DELETE FROM invited_addresses WHERE email_digest = 'old'`)).rowCount).toBe(1);
    });

    it('is told to operators, with what every service has to do', async () => {
      const { housekeeping } = await harness
        .peer('operator:ada')
        .of('organization', 'Operations')
        .getStatus({}, context());
      expect(housekeeping.map(({ name, everySeconds }) => [name, everySeconds])).toEqual([
        ['commands', 3_600],
        ['log_writers', 3_600],
        ['invited_addresses', 3_600],
        ['daily_looks', 3_600],
        ['connection_secrets_seals', 3_600],
        ['scim_users_seals', 3_600],
        ['invited_addresses_seals', 3_600],
      ]);
    });
  });

  describe('a record that can neither be applied nor parked', () => {
    it('makes the service not ready, with the place, the reason and the command, and nobody knows how late it is; left out, all goes on', async () => {
      const database = harness.database('organization');
      const operations = harness.peer('operator:ada').of('organization', 'Operations');
      const status = () => operations.getStatus({}, context());
      await database.asOwner(
        `ALTER TABLE parked ADD CONSTRAINT broken CHECK (stream_id NOT LIKE 'unreadable%') NOT VALID`,
      );
      const someone = person();
      await harness.bus.publish([
        { ...someone.registered, version: 0 },
        { ...someone.registered, eventId: randomUUID() },
      ]);
      await eventually(async () => (await status()).state === 'not-ready');
      const { reasons, lags } = await status();
      const [, offset = ''] =
        /^organization stands still at identity\.accounts\/0@(\d+) since .* 23514: .*rollcall inbox skip organization identity\.accounts 0 \d+ --reason/.exec(
          reasons[0] ?? '',
        ) ?? [];
      const lag = lags.find(({ of }) => of === 'identity.accounts/0');
      expect(lag).toMatchObject({ behindEvents: 2 });
      expect(lag?.behindSeconds).toBeUndefined();
      const record = {
        topic: 'identity.accounts',
        partition: 0,
        offset: Number(offset),
        reason: 'planted',
        apply: false,
      };
      expect(await operations.skipRecord(record, context())).toMatchObject({
        type: 'Unreadable',
        data: expect.stringContaining('versions') as string,
      });
      expect((await status()).state).toBe('not-ready');
      await refused(
        operations.skipRecord({ ...record, offset: record.offset + 1, apply: true }, context()),
        'request/invalid',
      );
      await operations.skipRecord({ ...record, apply: true }, context());
      await eventually(async () => (await status()).state === 'ready');
      await eventually(
        async () =>
          (await organizations().listOrganizations({ callerId: someone.accountId, ...all }, context())).items.length ===
          1,
      );
      expect(
        (
          await database.pool.query(
            `SELECT FROM operator_actions WHERE action = 'inbox skip' AND subject = 'identity.accounts/0@' || $1`,
            [offset],
          )
        ).rowCount,
      ).toBe(1);
      await database.asOwner('ALTER TABLE parked DROP CONSTRAINT broken');
    });
  });
});
