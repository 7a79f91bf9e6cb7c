import { randomUUID } from 'node:crypto';
import { type Message, reaches } from '#bus';
import type { keyManagement as proto } from '#contracts';
import { apiKeyDigest, type CallContext, Problem } from '#platform';
import { serviceHarness, type ServiceHarness } from '#testing';
import { keyManagement } from '../key-management.module.ts';

/** Stand-in for organization's facts; the service itself is real, and so are its calls. */
const streams = new Map<string, Message[]>();
/** Of a successor that is as the key it replaces. */
const AS_BEFORE = { scopes: undefined, addresses: undefined };
const context = (): CallContext => ({ correlationId: randomUUID(), actor: 'account:test' });

/** @param epoch of the owner's log: the second and later ones were reopened from a copy. */
function tell(organizationId: string, type: string, data: object, epoch = 1): Message {
  const key = `organization-${organizationId}`;
  const past = streams.get(key) ?? [];
  const version = past.length + 1;
  const message: Message = {
    topic: 'organization.organizations',
    key,
    eventId: randomUUID(),
    type,
    version,
    previous: version - 1,
    source: 'organization',
    time: '2026-01-01T00:00:00.000Z',
    position: `${epoch}.${version}.1`,
    correlationId: 'test',
    data: { organizationId, ...data },
  };
  streams.set(key, [...past, message]);
  return message;
}

function place() {
  const ids = { organizationId: randomUUID(), projectId: randomUUID(), ownerId: randomUUID(), memberId: randomUUID() };
  tell(ids.organizationId, 'OrganizationCreated.v1', { name: 'Acme', ownerId: ids.ownerId });
  tell(ids.organizationId, 'ProjectCreated.v1', { projectId: ids.projectId, name: 'First', accountId: ids.ownerId });
  tell(ids.organizationId, 'MemberJoined.v1', { accountId: ids.memberId, role: 'member' });
  tell(ids.organizationId, 'ProjectMemberAdded.v1', { projectId: ids.projectId, accountId: ids.memberId });
  return ids;
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

describe('key-management', () => {
  let harness: ServiceHarness;
  const keys = () => harness.peer('gateway').of('key-management', 'Keys');
  const gate = () => harness.peer('gateway').of('key-management', 'Gate');
  const issue = (accountId: string, projectId: string, change: Partial<proto.IssueKeyRequest> = {}) =>
    keys().issueKey({ accountId, projectId, name: 'laptop', scopes: [], addresses: [], ...change }, context());
  const outcome = async (secret: string) =>
    (await gate().verifyKeys({ digests: [apiKeyDigest(secret)] }, context())).verdicts[0]?.outcome;
  const confirm = (streamId: string, epoch = 1) =>
    harness
      .peer('organization')
      .of('key-management', 'Gate')
      .confirmWithdrawal({ streamId, version: streams.get(streamId)?.length ?? 0, epoch }, context());

  beforeAll(async () => {
    harness = await serviceHarness([{ service: keyManagement, config: async () => ({ keysPerProject: 5 }) }], {
      organization: {
        Projects: {
          getProject: async ({ projectId, callerId }) => {
            for (const [key, messages] of streams) {
              const found =
                messages.some(({ data }) => 'projectId' in data && data.projectId === projectId) &&
                messages.some(({ data }) => Object.values(data).includes(callerId));
              if (found)
                return {
                  projectId,
                  organizationId: key.slice('organization-'.length),
                  name: 'First',
                  status: 'active',
                };
            }
            throw new Problem('project/unknown', 'You have no project with this id.');
          },
        },
        History: {
          readStream: async ({ streamId, afterVersion: version, afterEpoch: epoch }) => ({
            facts: (streams.get(streamId) ?? [])
              .filter(
                (message) =>
                  !reaches(
                    { epoch, version },
                    { epoch: Number(message.position.split('.')[0]), version: message.version },
                  ),
              )
              .map(({ key, data, ...rest }) => ({ ...rest, streamId: key, data: JSON.stringify(data) })),
          }),
        },
      },
    });
  });
  afterAll(() => harness.stop());

  it("renames a key of the caller, for gates and lists alike, and nobody else's", async () => {
    const { ownerId, memberId, projectId } = place();
    const { key, secret } = await issue(memberId, projectId);
    const rename = (accountId: string, name = 'build server') =>
      keys().renameKey({ accountId, keyId: key?.keyId ?? '', name }, context());
    expect(await code(rename(ownerId))).toBe('key/not-yours');
    expect(await code(rename(randomUUID()))).toBe('key/unknown');
    expect(await rename(memberId)).toMatchObject({ name: 'build server' });
    expect((await gate().verifyKeys({ digests: [apiKeyDigest(secret)] }, context())).verdicts[0]?.keyName).toBe(
      'build server',
    );
    await keys().revokeKey({ accountId: memberId, keyId: key?.keyId ?? '', reason: '' }, context());
    expect(await code(rename(memberId, 'other'))).toBe('key/no-longer-active');
  });

  it('counts the active keys of members and projects of one organization, and names its keys alone', async () => {
    const { organizationId, projectId, ownerId, memberId } = place();
    const elsewhere = place();
    await issue(memberId, projectId);
    const revoked = await issue(memberId, projectId);
    const brief = await issue(memberId, projectId, { expiresAt: new Date(Date.now() + 50).toISOString() });
    await issue(ownerId, projectId);
    const strange = await issue(elsewhere.ownerId, elsewhere.projectId, { name: 'strange' });
    await keys().revokeKey({ accountId: memberId, keyId: revoked.key?.keyId ?? '', reason: '' }, context());
    const counted = () =>
      keys().countKeys(
        {
          organizationId,
          accountIds: [memberId, ownerId, elsewhere.ownerId],
          projectIds: [projectId, elsewhere.projectId],
        },
        context(),
      );
    for (const deadline = performance.now() + 10_000; (await counted()).ofProjects[0]?.active !== 2;)
      if (performance.now() > deadline) throw new Error('the key never expired');
    const { ofAccounts } = await counted();
    expect(new Map(ofAccounts.map(({ id, active }) => [id, active]))).toEqual(
      new Map([
        [memberId, 1],
        [ownerId, 1],
      ]),
    );
    const keyIds = [revoked, brief, strange].map(({ key }) => key?.keyId ?? '');
    expect(
      (await keys().nameKeys({ organizationId, keyIds }, context())).keys.map(({ keyId }) => keyId).sort(),
    ).toEqual(keyIds.slice(0, 2).sort());
  });

  it('gives the successor of a key what is asked for, and else what the key had', async () => {
    const { memberId, projectId } = place();
    const had = { scopes: ['jobs:read'], addresses: ['203.0.113.7'], expiresAt: '2999-01-01T00:00:00.000Z' };
    const rotated = async (change: Partial<proto.RotateKeyRequest>) => {
      const { key } = await issue(memberId, projectId, had);
      const made = await keys().rotateKey(
        { accountId: memberId, keyId: key?.keyId ?? '', overlapSeconds: 0, ...AS_BEFORE, ...change },
        context(),
      );
      await keys().revokeKey({ accountId: memberId, keyId: made.key?.keyId ?? '', reason: '' }, context());
      return made.key;
    };
    expect(await rotated({})).toMatchObject({ name: 'laptop', ...had });
    const other = { scopes: ['billing:read', '*'], addresses: ['198.51.100.0/24'] };
    expect(
      await rotated({
        name: 'server',
        expiresAt: '2998-01-01T00:00:00.000Z',
        scopes: { items: other.scopes },
        addresses: { items: other.addresses },
      }),
    ).toMatchObject({ name: 'server', expiresAt: '2998-01-01T00:00:00.000Z', ...other });
    const anywhere = await rotated({ expiresAt: '', addresses: { items: [] } });
    expect(anywhere).toMatchObject({ scopes: had.scopes, addresses: [] });
    expect(anywhere?.expiresAt).toBeUndefined();
  });

  it('shows a key that was made before scopes had to be named as one that may do all', async () => {
    const { memberId, projectId } = place();
    const shown = async (scopes: string[]) => (await issue(memberId, projectId, { scopes })).key?.scopes;
    expect([await shown([]), await shown(['*']), await shown(['jobs:read'])]).toEqual([['*'], ['*'], ['jobs:read']]);
  });

  it('makes a key in a project whose facts the bus has not brought: never a refusal for lag', async () => {
    const { ownerId, projectId } = place();
    const { key, secret } = await issue(ownerId, projectId);
    expect(key).toMatchObject({ status: 'active', projectName: 'First' });
    expect(await outcome(secret)).toBe('good');
  });

  it('makes active keys up to the limit of a project, also when many are made at once; at the limit they can still be rotated', async () => {
    const { ownerId, memberId, projectId } = place();
    const { key: { keyId = '' } = {} } = await issue(ownerId, projectId);
    const more = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => issue(n % 2 ? ownerId : memberId, projectId)),
    );
    expect(more.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect(await code(issue(memberId, projectId))).toBe('key/too-many');
    const rotate = (of: string) =>
      keys().rotateKey({ accountId: ownerId, keyId: of, overlapSeconds: 3_600, ...AS_BEFORE }, context());
    let newest = keyId;
    for (let n = 0; n < 5; n++) newest = (await rotate(newest)).key?.keyId ?? '';
    expect(await code(rotate(newest))).toBe('key/too-many');
    expect(await code(issue(memberId, projectId))).toBe('key/too-many');
    for (const each of more)
      if (each.status === 'fulfilled')
        await keys().revokeKey(
          { accountId: ownerId, keyId: each.value.key?.keyId ?? '', reason: 'requested' },
          context(),
        );
    expect(await code(rotate(newest))).toBe('done');
  });

  it('tells nobody a name of what they have left, nor of who has left', async () => {
    const { organizationId, ownerId, memberId, projectId } = place();
    const { key: { keyId = '' } = {} } = await issue(memberId, projectId);
    const seenBy = async (accountId: string) => {
      const { items } = await keys().listKeys({ accountId, status: 'all', limit: 10 }, context());
      return [
        await keys().getKey({ accountId, keyId }, context()),
        ...items.filter((each) => each.keyId === keyId),
      ].map(({ projectName, holderLeft }) => [projectName, holderLeft]);
    };
    expect(await seenBy(memberId)).toEqual([
      ['First', false],
      ['First', false],
    ]);
    const called = async (accountId: string) =>
      (await keys().describeKeys({ accountId, keyIds: [keyId, randomUUID()] }, context())).keys;
    expect(await called(ownerId)).toEqual([{ keyId, name: 'laptop', holderLeft: false }]);
    expect(await called(memberId)).toEqual([{ keyId, name: 'laptop', holderLeft: false }]);
    expect(await called(randomUUID())).toEqual([{ keyId, name: '', holderLeft: false }]);
    tell(organizationId, 'MemberRemoved.v1', { accountId: memberId, reason: 'removed' });
    tell(organizationId, 'ProjectRenamed.v1', { projectId, name: 'Secret merger' });
    await confirm(`organization-${organizationId}`);
    expect(await seenBy(memberId)).toEqual([
      ['', true],
      ['', true],
    ]);
    expect(await seenBy(ownerId)).toEqual([['Secret merger', true]]);
    expect(await called(ownerId)).toEqual([{ keyId, name: 'laptop', holderLeft: true }]);
    expect(await called(memberId)).toEqual([{ keyId, name: '', holderLeft: true }]);
    const ofProject = await keys().listKeys({ accountId: ownerId, projectId, status: 'all', limit: 10 }, context());
    expect(ofProject.items[0]).toMatchObject({ projectName: 'Secret merger', holderLeft: true });
  });

  it('refuses keys to strangers and in unknown projects with one answer', async () => {
    const { projectId } = place();
    expect(await code(issue(randomUUID(), projectId))).toBe('project/unknown');
    expect(await code(issue(randomUUID(), randomUUID()))).toBe('project/unknown');
  });

  it('drops facts from the bus that were read from their owner before', async () => {
    const { ownerId, organizationId, projectId } = place();
    const { secret } = await issue(ownerId, projectId);
    await harness.bus.publish(streams.get(`organization-${organizationId}`) ?? []);
    expect((await confirm(`organization-${organizationId}`)).confirmed).toBe(true);
    expect(await outcome(secret)).toBe('good');
  });

  it('confirms a removal that the bus has not brought, and the keys of whoever left are gone for good', async () => {
    const { memberId, ownerId, organizationId, projectId } = place();
    const { key, secret } = await issue(memberId, projectId);
    tell(organizationId, 'MemberRemoved.v1', { accountId: memberId, reason: 'removed' });
    expect((await confirm(`organization-${organizationId}`)).confirmed).toBe(true);
    expect(await outcome(secret)).toBe('unknown');
    tell(organizationId, 'MemberJoined.v1', { accountId: memberId, role: 'member' });
    tell(organizationId, 'ProjectMemberAdded.v1', { projectId, accountId: memberId });
    await confirm(`organization-${organizationId}`);
    expect(await outcome(secret)).toBe('unknown');
    expect((await keys().getKey({ accountId: ownerId, keyId: key?.keyId ?? '' }, context())).status).toBe('revoked');
  });

  it('does not take a version of a lost branch for the removal that its owner decided under it after the log was reopened', async () => {
    const { memberId, organizationId, projectId } = place();
    const { secret } = await issue(memberId, projectId);
    tell(organizationId, 'ProjectCreated.v1', { projectId: randomUUID(), name: 'Lost', accountId: memberId });
    const streamId = `organization-${organizationId}`;
    expect((await confirm(streamId)).confirmed).toBe(true);
    streams.set(streamId, streams.get(streamId)?.slice(0, -1) ?? []);
    tell(organizationId, 'MemberRemoved.v1', { accountId: memberId, reason: 'removed' }, 2);
    expect((await confirm(streamId, 2)).confirmed).toBe(true);
    expect(await outcome(secret)).toBe('unknown');
  });

  it('never lets a key be born behind a removal', async () => {
    for (let round = 0; round < 15; round++) {
      const { memberId, organizationId, projectId } = place();
      await issue(memberId, projectId);
      tell(organizationId, 'ProjectMemberRemoved.v1', { projectId, accountId: memberId });
      const [born] = await Promise.all([
        issue(memberId, projectId).catch(() => undefined),
        confirm(`organization-${organizationId}`),
      ]);
      await confirm(`organization-${organizationId}`);
      if (born) expect(await outcome(born.secret)).toBe('unknown');
    }
  });

  it('keeps the keys of a member who is shut out, and makes none, until each reason is lifted', async () => {
    const { memberId, ownerId, organizationId, projectId } = place();
    const { key, secret } = await issue(memberId, projectId);
    const another = await issue(ownerId, projectId);
    const shut = (reason: string) => tell(organizationId, 'MemberDeactivated.v1', { accountId: memberId, reason });
    const open = (reason: string) => tell(organizationId, 'MemberActivated.v1', { accountId: memberId, reason });
    shut('provider');
    shut('guest');
    await confirm(`organization-${organizationId}`);
    expect([await outcome(secret), await outcome(another.secret)]).toEqual(['deactivated', 'good']);
    expect(await code(issue(memberId, projectId))).toBe('member/deactivated');
    expect(
      await code(
        keys().rotateKey(
          { accountId: memberId, keyId: key?.keyId ?? '', overlapSeconds: 0, scopes: undefined, addresses: undefined },
          context(),
        ),
      ),
    ).toBe('member/deactivated');
    open('guest');
    // What the member's role becomes says nothing of it.
    tell(organizationId, 'MemberRoleChanged.v1', { accountId: memberId, role: 'owner' });
    await confirm(`organization-${organizationId}`);
    expect(await outcome(secret)).toBe('deactivated');
    expect(await code(keys().listKeys({ accountId: memberId, organizationId, limit: 10 }, context()))).toBe(
      'organization/unknown',
    );
    open('provider');
    await confirm(`organization-${organizationId}`);
    expect(await outcome(secret)).toBe('good');
    expect(await code(issue(memberId, projectId))).toBe('done');
  });

  it('withdraws every standing key of a member who is shut out under one number', async () => {
    const { memberId, organizationId, projectId } = place();
    const issued = [await issue(memberId, projectId), await issue(memberId, projectId)].map(({ key }) => key?.keyId);
    tell(organizationId, 'MemberDeactivated.v1', { accountId: memberId, reason: 'provider' });
    await confirm(`organization-${organizationId}`);
    const { rows } = await harness
      .database('key-management')
      .pool.query<{ subjects: string[] }>(
        'SELECT array_agg(subject::text ORDER BY subject) AS subjects FROM withdrawals WHERE subject = ANY($1) GROUP BY seq',
        [issued],
      );
    expect(rows.map(({ subjects }) => subjects)).toEqual([issued.toSorted()]);
  });

  it('never lets a key be born behind a deactivation', async () => {
    for (let round = 0; round < 15; round++) {
      const { memberId, organizationId, projectId } = place();
      await issue(memberId, projectId);
      tell(organizationId, 'MemberDeactivated.v1', { accountId: memberId, reason: 'provider' });
      const [born] = await Promise.all([
        issue(memberId, projectId).catch(() => undefined),
        confirm(`organization-${organizationId}`),
      ]);
      if (born) expect(await outcome(born.secret)).toBe('deactivated');
    }
  });

  it('refuses every verdict that begins after a revoke returned', async () => {
    const { ownerId, projectId } = place();
    for (let round = 0; round < 20; round++) {
      const { key, secret } = await issue(ownerId, projectId);
      const running = Array.from({ length: 5 }, () => outcome(secret));
      await keys().revokeKey({ accountId: ownerId, keyId: key?.keyId ?? '', reason: '' }, context());
      expect(await Promise.all(Array.from({ length: 5 }, () => outcome(secret)))).toEqual(
        Array.from({ length: 5 }, () => 'unknown'),
      );
      await Promise.all(running);
    }
  });

  it('says that the owner of a good key is suspended, or that its project is archived', async () => {
    const { ownerId, organizationId, projectId } = place();
    const { secret, key } = await issue(ownerId, projectId);
    const suspended: Message = {
      topic: 'identity.accounts',
      key: `account-${ownerId}`,
      eventId: randomUUID(),
      type: 'AccountSuspended.v1',
      version: 1,
      previous: 0,
      source: 'identity',
      time: '2026-01-01T00:00:00.000Z',
      position: '1.1.1',
      correlationId: 'test',
      data: { accountId: ownerId, reason: 'inactivity', suspendedAt: '2026-01-01T00:00:00.000Z' },
    };
    await harness.bus.publish([suspended]);
    for (const deadline = Date.now() + 10_000; (await outcome(secret)) !== 'suspended';)
      expect(Date.now()).toBeLessThan(deadline);
    await harness.bus.publish([
      {
        ...suspended,
        eventId: randomUUID(),
        type: 'AccountReactivated.v1',
        version: 2,
        previous: 1,
        data: { accountId: ownerId, reactivatedAt: '2026-01-01T00:00:00.000Z' },
      },
    ]);
    for (const deadline = Date.now() + 10_000; (await outcome(secret)) !== 'good';)
      expect(Date.now()).toBeLessThan(deadline);
    tell(organizationId, 'ProjectArchived.v1', { projectId });
    await confirm(`organization-${organizationId}`);
    expect(await outcome(secret)).toBe('archived');
    expect(await code(issue(ownerId, projectId))).toBe('project/archived');
    const rotated = keys().rotateKey(
      { accountId: ownerId, keyId: key?.keyId ?? '', overlapSeconds: 60, ...AS_BEFORE },
      context(),
    );
    expect(await code(rotated)).toBe('project/archived');
  });

  it('lets a rotated key work until its instant, and its successor from now on', async () => {
    const { ownerId, projectId } = place();
    const old = await issue(ownerId, projectId);
    const next = await keys().rotateKey(
      { accountId: ownerId, keyId: old.key?.keyId ?? '', overlapSeconds: 3_600, ...AS_BEFORE },
      context(),
    );
    expect([await outcome(old.secret), await outcome(next.secret)]).toEqual(['good', 'good']);
    harness.clock.setOffset(3_600_000);
    expect([await outcome(old.secret), await outcome(next.secret)]).toEqual(['unknown', 'good']);
    expect(
      await code(
        keys().rotateKey(
          { accountId: ownerId, keyId: old.key?.keyId ?? '', overlapSeconds: 0, ...AS_BEFORE },
          context(),
        ),
      ),
    ).toBe('key/no-longer-active');
    harness.clock.setOffset(0);
  });

  it('keeps where a key works from, for its holder, for every verdict and for its successor', async () => {
    const { ownerId, projectId } = place();
    const addresses = ['203.0.113.0/24', '2001:db8::7'];
    const { key, secret } = await issue(ownerId, projectId, { addresses });
    const keyId = key?.keyId ?? '';
    const next = await keys().rotateKey({ accountId: ownerId, keyId, overlapSeconds: 3_600, ...AS_BEFORE }, context());
    const listed = (await keys().listKeys({ accountId: ownerId, limit: 50 }, context())).items;
    const shown = await keys().getKey({ accountId: ownerId, keyId }, context());
    const revoked = await keys().revokeKey({ accountId: ownerId, keyId, reason: '' }, context());
    expect([key, ...listed, shown, next.key, revoked.key].map((view) => view?.addresses)).toEqual(
      Array.from({ length: 6 }, () => addresses),
    );
    const { verdicts } = await gate().verifyKeys({ digests: [secret, next.secret].map(apiKeyDigest) }, context());
    expect(verdicts.map((verdict) => [verdict.outcome, verdict.addresses])).toEqual([
      ['unknown', []],
      ['good', addresses],
    ]);
  });

  it('shows what was typed at a revocation to whom the key is shown, in no list and in no fact', async () => {
    const { ownerId, projectId } = place();
    const ids = [
      (await issue(ownerId, projectId)).key?.keyId ?? '',
      (await issue(ownerId, projectId)).key?.keyId ?? '',
    ];
    for (const [i, reason] of ['Stolen in the train.', ''].entries())
      await keys().revokeKey({ accountId: ownerId, keyId: ids[i] ?? '', reason }, context());
    await keys().revokeKey({ accountId: ownerId, keyId: ids[0] ?? '', reason: 'Another word.' }, context());
    expect(
      await Promise.all(
        ids.map(async (keyId) => (await keys().getKey({ accountId: ownerId, keyId }, context())).revokeNote),
      ),
    ).toEqual(['Stolen in the train.', undefined]);
    const { items } = await keys().listKeys({ accountId: ownerId, status: 'revoked', limit: 50 }, context());
    const { facts } = await harness
      .peer('organization')
      .of('key-management', 'History')
      .readStream({ streamId: `key-${ids[0] ?? ''}`, afterVersion: 0, afterEpoch: 0 }, context());
    expect([items.length, facts.map(({ type }) => type)]).toEqual([2, ['KeyIssued.v1', 'KeyRevoked.v1']]);
    expect(JSON.stringify([items, facts])).not.toContain('train');
    const why = await harness
      .peer('operator:ada')
      .of('key-management', 'Operations')
      .explainField({ streamId: `key-${ids[0] ?? ''}`, field: 'note' }, context());
    expect([why.value, why.event?.type]).toEqual(['"Stolen in the train."', 'KeyRevoked']);
  });

  it('has no field for addresses in the event of a key that works from anywhere, as those written before', async () => {
    const { ownerId, projectId } = place();
    const { key } = await issue(ownerId, projectId);
    const next = await keys().rotateKey(
      { accountId: ownerId, keyId: key?.keyId ?? '', overlapSeconds: 0, ...AS_BEFORE },
      context(),
    );
    expect([key?.addresses, next.key?.addresses]).toEqual([[], []]);
    const bound = await issue(ownerId, projectId, { addresses: ['2001:db8::7'] });
    const { rows } = await harness
      .database('key-management')
      .pool.query(
        `SELECT data ? 'addresses' AS told FROM events WHERE type = 'KeyIssued' AND stream_id = ANY($1) ORDER BY stream_id`,
        [[key, next.key, bound.key].map((each) => `key-${each?.keyId ?? ''}`)],
      );
    expect(rows).toEqual([{ told: false }, { told: false }, { told: true }]);
  });

  it('shows keys to their holder and to owners, and knows none of them for others', async () => {
    const { ownerId, memberId, organizationId, projectId } = place();
    const { key } = await issue(memberId, projectId);
    const keyId = key?.keyId ?? '';
    await confirm(`organization-${organizationId}`);
    const list = async (accountId: string, change: Partial<proto.ListKeysRequest> = {}) =>
      (await keys().listKeys({ accountId, limit: 50, ...change }, context())).items.map((item) => item.keyId);
    expect(await list(memberId)).toEqual([keyId]);
    expect(await list(ownerId)).toEqual([]);
    expect(await list(ownerId, { organizationId })).toEqual([keyId]);
    expect(await code(keys().getKey({ accountId: randomUUID(), keyId }, context()))).toBe('key/unknown');
    expect(await code(keys().revokeKey({ accountId: randomUUID(), keyId, reason: '' }, context()))).toBe('key/unknown');
    expect(
      await code(keys().rotateKey({ accountId: ownerId, keyId, overlapSeconds: 0, ...AS_BEFORE }, context())),
    ).toBe('key/not-yours');
    expect(await code(list(randomUUID(), { organizationId }))).toBe('organization/unknown');
  });

  it('tells on which days a key was used, and finds those that nobody uses', async () => {
    const DAY_MS = 86_400_000;
    const { ownerId, memberId, organizationId, projectId } = place();
    const [used, idle] = [await issue(ownerId, projectId), await issue(memberId, projectId)];
    await confirm(`organization-${organizationId}`);
    const [keyId, idleId] = [used.key?.keyId ?? '', idle.key?.keyId ?? ''];
    const now = harness.clock.now();
    const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS).toISOString();
    const gate = harness.peer('gateway').of('key-management', 'Gate');
    const uses = [0, 1, 1, 29, 30, 399, 400].map((days) => ({ keyId, usedAt: daysAgo(days) }));
    await gate.recordUse({ uses }, context());
    await gate.recordUse({ uses: uses.slice(0, 2) }, context());
    const day = (days: number) => daysAgo(days).slice(0, 10);
    const of = async (days: number) => (await keys().listUses({ accountId: ownerId, keyId, days }, context())).days;
    expect(await of(400)).toEqual([399, 30, 29, 1, 0].map(day));
    expect(await of(1)).toEqual([day(0)]);
    expect(await code(keys().listUses({ accountId: memberId, keyId, days: 1 }, context()))).toBe('key/unknown');
    const list = async (change: Partial<proto.ListKeysRequest>) =>
      (await keys().listKeys({ accountId: ownerId, organizationId, limit: 50, ...change }, context())).items;
    expect((await list({ ofAccountId: ownerId }))[0]).toMatchObject({ keyId, usedDays: [29, 1, 0].map(day) });
    const ids = async (change: Partial<proto.ListKeysRequest>) => (await list(change)).map((item) => item.keyId);
    expect(await ids({ ofAccountId: memberId })).toEqual([idleId]);
    expect(await ids({ find: (used.key?.start ?? '').slice(-6) })).toEqual([keyId]);
    expect(await ids({ find: '100%_' })).toEqual([]);
    harness.clock.setOffset(20 * DAY_MS);
    expect((await ids({ unusedForDays: 20 })).toSorted()).toEqual([keyId, idleId].toSorted());
    await gate.recordUse({ uses: [{ keyId, usedAt: harness.clock.now().toISOString() }] }, context());
    expect(await ids({ unusedForDays: 20 })).toEqual([idleId]);
    harness.clock.setOffset(0);
  });

  it('tells by whom and why a key was revoked, and what it came in place of', async () => {
    const { ownerId, projectId } = place();
    const { key: old } = await issue(ownerId, projectId);
    const made = await keys().rotateKey(
      { accountId: ownerId, keyId: old?.keyId ?? '', overlapSeconds: 3600, ...AS_BEFORE },
      context(),
    );
    const next = made.key?.keyId ?? '';
    const by = { ...context(), actor: `account:${ownerId}` };
    await keys().revokeKey({ accountId: ownerId, keyId: next, reason: '' }, by);
    const told = (keyId = '') => keys().getKey({ accountId: ownerId, keyId }, context());
    expect(await told(old?.keyId)).toMatchObject({ replacedBy: next });
    expect(await told(next)).toMatchObject({
      replaces: old?.keyId,
      revokedFor: 'requested',
      revokedBy: `account:${ownerId}`,
    });
  });

  it('takes a report before it looks at it: of many at once no more than an hour allows', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 90 }, () =>
        code(keys().reportLeak({ digest: apiKeyDigest('rck_invented'), moreDigests: [], network: 'flood' }, context())),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(60);
    expect(outcomes.filter((outcome) => outcome === 'request/rate-limited')).toHaveLength(30);
  });

  it('revokes what is reported as leaked, and answers a wrong report in the same way', async () => {
    const { ownerId, projectId } = place();
    const { secret } = await issue(ownerId, projectId);
    const other = await issue(ownerId, projectId);
    expect(
      await keys().reportLeak({ digest: apiKeyDigest('rck_invented'), moreDigests: [], network: 'n' }, context()),
    ).toEqual({});
    expect(
      await keys().reportLeak(
        { digest: apiKeyDigest(secret), moreDigests: [apiKeyDigest(other.secret)], network: 'n' },
        context(),
      ),
    ).toEqual({});
    expect(await outcome(other.secret)).toBe('unknown');
    expect(await outcome(secret)).toBe('unknown');
  });

  it('carries a repeated command out once, and never shows the secret again', async () => {
    const { ownerId, projectId } = place();
    const once = { ...context(), commandId: randomUUID(), fingerprint: 'f' };
    const first = await keys().issueKey(
      { accountId: ownerId, projectId, name: 'once', scopes: [], addresses: [] },
      once,
    );
    const again = await keys()
      .issueKey({ accountId: ownerId, projectId, name: 'once', scopes: [], addresses: [] }, once)
      .catch((error: unknown) => error);
    expect(again).toMatchObject({ code: 'key/secret-already-issued', facts: { keyId: first.key?.keyId } });
    expect((await keys().listKeys({ accountId: ownerId, limit: 50 }, context())).items).toHaveLength(1);
  });

  it('stores no secret anywhere', async () => {
    const { ownerId, projectId } = place();
    const { secret } = await issue(ownerId, projectId);
    const { rows } = await harness
      .database('key-management')
      .pool.query<{ found: number }>(
        `SELECT (SELECT count(*) FROM events WHERE data::text LIKE $1 OR meta::text LIKE $1) + (SELECT count(*) FROM key_directory k WHERE k::text LIKE $1) AS found`,
        [`%${secret.slice(30, 60)}%`],
      );
    expect(Number(rows[0]?.found)).toBe(0);
  });
});
