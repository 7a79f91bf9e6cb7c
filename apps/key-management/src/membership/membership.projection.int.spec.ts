import { randomUUID } from 'node:crypto';
import type { DeliveredFact } from '#bus';
import type { Fact } from '#contracts';
import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { membership } from './membership.projection.ts';

const OPEN = { shut_by_provider: false, shut_as_guest: false };

describe('who is where', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/key-management/migrations'));
  });
  afterAll(() => database.drop());

  const rows = async (table: string, column: string, id: string) =>
    (await database.pool.query<Record<string, unknown>>(`SELECT * FROM ${table} WHERE ${column} = $1`, [id])).rows;

  /** An organization with an owner, a member, and a project of the owner's. */
  async function acme(apply: (facts: readonly Fact[]) => Promise<void> = tell) {
    const [organizationId, ownerId, accountId, projectId] = Array.from({ length: 4 }, () => randomUUID()) as [
      string,
      string,
      string,
      string,
    ];
    await apply([
      { name: 'OrganizationCreated.v1', data: { organizationId, ownerId, name: 'Acme' } },
      { name: 'MemberJoined.v1', data: { organizationId, accountId, role: 'member' } },
      { name: 'ProjectCreated.v1', data: { organizationId, projectId, name: 'First', accountId: ownerId } },
      { name: 'ProjectMemberAdded.v1', data: { organizationId, projectId, accountId } },
    ] as Fact[]);
    const member = async () =>
      (await rows('members', 'organization_id', organizationId)).find((row) => row.account_id === accountId);
    const inProject = async () =>
      (await rows('project_members', 'project_id', projectId)).map((row) => row.account_id).sort();
    return { organizationId, ownerId, accountId, projectId, member, inProject };
  }
  const tell = (facts: readonly Fact[]) => membership.apply(database.pool, facts as DeliveredFact[]);
  const oneByOne = async (facts: readonly Fact[]) => {
    for (const fact of facts) await tell([fact]);
  };
  const say = (name: Fact['name'], data: object) => tell([{ name, data } as Fact]);

  it.each([
    ['at once', tell],
    ['one by one', oneByOne],
  ])('is what organization has stated, told %s', async (_how, apply) => {
    const { organizationId, ownerId, accountId, projectId, member, inProject } = await acme(apply);
    expect(await rows('members', 'organization_id', organizationId)).toHaveLength(2);
    expect(await member()).toEqual({ organization_id: organizationId, account_id: accountId, role: 'member', ...OPEN });
    expect(await rows('projects', 'project_id', projectId)).toEqual([
      { project_id: projectId, organization_id: organizationId, name: 'First', archived: false },
    ]);
    expect(await inProject()).toEqual([ownerId, accountId].sort());
  });

  it('follows a role, and the name and the end of a project', async () => {
    const { organizationId, accountId, projectId, member } = await acme();
    await say('MemberRoleChanged.v1', { organizationId, accountId, role: 'owner' });
    expect(await member()).toMatchObject({ role: 'owner', ...OPEN });
    await say('ProjectRenamed.v1', { organizationId, projectId, name: 'Second' });
    await say('ProjectArchived.v1', { organizationId, projectId });
    expect(await rows('projects', 'project_id', projectId)).toMatchObject([{ name: 'Second', archived: true }]);
  });

  it('lets go of who leaves a project of this one, and of who leaves the organization everywhere in it', async () => {
    const [one, other] = [await acme(), await acme()];
    const { organizationId, accountId, projectId, ownerId } = one;
    await say('MemberJoined.v1', { organizationId: other.organizationId, accountId, role: 'member' });
    await say('ProjectMemberAdded.v1', { organizationId: other.organizationId, projectId: other.projectId, accountId });
    await say('ProjectMemberRemoved.v1', { organizationId, projectId, accountId });
    expect([await one.inProject(), await one.member()]).toEqual([[ownerId], expect.anything()]);
    await say('ProjectMemberAdded.v1', { organizationId, projectId, accountId });
    await say('MemberRemoved.v1', { organizationId, accountId });
    expect([await one.inProject(), await one.member()]).toEqual([[ownerId], undefined]);
    expect(await other.inProject()).toContain(accountId);
  });

  it('shuts a member out for two reasons, each of which ends for itself', async () => {
    const { organizationId, accountId, ownerId, member } = await acme();
    const shut = (name: 'MemberDeactivated.v1' | 'MemberActivated.v1', reason: string) =>
      say(name, { organizationId, accountId, reason });
    await shut('MemberDeactivated.v1', 'provider');
    expect(await member()).toMatchObject({ shut_by_provider: true, shut_as_guest: false });
    await shut('MemberDeactivated.v1', 'guest');
    await shut('MemberActivated.v1', 'provider');
    expect(await member()).toMatchObject({ shut_by_provider: false, shut_as_guest: true });
    await shut('MemberActivated.v1', 'guest');
    expect(await member()).toMatchObject(OPEN);
    // Who comes back after they were removed comes back open.
    await shut('MemberDeactivated.v1', 'guest');
    await say('MemberRemoved.v1', { organizationId, accountId });
    await say('MemberJoined.v1', { organizationId, accountId, role: 'member' });
    expect(await member()).toMatchObject(OPEN);
    expect(
      (await rows('members', 'organization_id', organizationId)).find((row) => row.account_id === ownerId),
    ).toMatchObject(OPEN);
  });

  it('knows who is suspended, until they are not', async () => {
    const accountId = randomUUID();
    const suspended = () => rows('suspended_accounts', 'account_id', accountId);
    await say('AccountSuspended.v1', { accountId });
    expect(await suspended()).toHaveLength(1);
    await say('AccountReactivated.v1', { accountId });
    expect(await suspended()).toEqual([]);
  });

  it('passes over what it does not know', async () => {
    await expect(say('LoginRecorded.v1', { accountId: randomUUID() })).resolves.toBeUndefined();
  });
});
