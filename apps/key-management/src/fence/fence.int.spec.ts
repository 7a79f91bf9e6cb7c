import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '#bus';
import type { Topic } from '#contracts';
import { apiKeyDigest, type CallContext, Problem } from '#platform';
import { serviceHarness, type ServiceHarness } from '#testing';
import { keyManagement } from '../key-management.module.ts';
import { outlived } from './fence.ts';

const LEASE_MS = 2_000;
const PROTOCOL = 1;
const context = (): CallContext => ({ correlationId: randomUUID(), actor: 'account:test' });
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );
const AT = '2026-01-01T00:00:00.000Z';

describe('the fence', () => {
  let harness: ServiceHarness;
  const versions = new Map<string, number>();
  const owner = { accountId: randomUUID(), organizationId: randomUUID(), projectId: randomUUID() };
  const keys = () => harness.peer('gateway').of('key-management', 'Keys');
  const gate = () => harness.peer('gateway').of('key-management', 'Gate');
  const fence = () => harness.peer('gateway').of('key-management', 'Fence');
  const sql = (text: string, values: unknown[] = []) =>
    harness
      .database('key-management')
      .pool.query<Record<string, unknown>>(text, values)
      .then(({ rows }) => rows);
  const seq = async () => Number((await sql('SELECT seq FROM fence'))[0]?.seq);

  async function tell(topic: Topic, key: string, type: string, data: object) {
    const version = (versions.get(key) ?? 0) + 1;
    versions.set(key, version);
    const message: Message = {
      topic,
      key,
      eventId: randomUUID(),
      type,
      version,
      previous: version - 1,
      source: topic.split('.')[0] ?? '',
      time: AT,
      position: `1.${version}.1`,
      correlationId: 'test',
      data,
    };
    await harness.bus.publish([message]);
  }
  const organization = (type: string, data: object, id = owner.organizationId) =>
    tell('organization.organizations', `organization-${id}`, type, { organizationId: id, ...data });

  async function until(holds: () => Promise<boolean>) {
    for (const deadline = Date.now() + 10_000; !(await holds()); await delay(20))
      if (Date.now() > deadline) throw new Error('it did not come true in time');
  }

  async function issue({ accountId, projectId } = owner) {
    const issued = await keys().issueKey(
      { accountId, projectId, name: 'laptop', scopes: [], addresses: [] },
      context(),
    );
    return { keyId: issued.key?.keyId ?? '', secret: issued.secret };
  }
  const revoke = (keyId: string) =>
    keys().revokeKey({ accountId: owner.accountId, keyId, reason: '' }, { ...context(), timeoutMs: 20_000 });
  const outcome = async (secret: string) =>
    (await gate().verifyKeys({ digests: [apiKeyDigest(secret)] }, context())).verdicts[0]?.outcome;

  /** A gateway that says what it is told to say. */
  async function follower() {
    const instance = randomUUID();
    const { epoch, seq: at } = await fence().register({ protocol: PROTOCOL }, context());
    const renew = (applied: number, change: { epoch?: number; registering?: boolean; protocol?: number } = {}) =>
      fence().renew({ protocol: PROTOCOL, instance, epoch, applied, registering: false, ...change }, context());
    await renew(at, { registering: true });
    return {
      instance,
      epoch,
      at,
      renew,
      leave: () => fence().leave({ instance }, context()),
      row: async () => (await sql('SELECT * FROM followers WHERE instance = $1', [instance]))[0],
    };
  }

  beforeAll(async () => {
    harness = await serviceHarness([
      { service: keyManagement, config: () => Promise.resolve({ lease: LEASE_MS / 1_000 }) },
    ]);
    await organization('OrganizationCreated.v1', { name: 'Acme', ownerId: owner.accountId });
    await organization('ProjectCreated.v1', { projectId: owner.projectId, name: 'First', accountId: owner.accountId });
    await until(async () => (await code(issue())) === 'done');
  });
  afterEach(() => sql('DELETE FROM followers'));
  afterAll(() => harness.stop());

  it('numbers withdrawals in the order of their commits, without a gap, one number for what is withdrawn together', async () => {
    const [a, b] = [await issue(), await issue()];
    const before = await seq();
    await revoke(a.keyId);
    await harness
      .peer('operator:ada')
      .of('key-management', 'Keys')
      .revokeKeys(
        { digests: [], accountId: owner.accountId, apply: true, reason: 'a test' },
        { ...context(), actor: 'operator:ada' },
      );
    const rows = await sql('SELECT seq::int, subject FROM withdrawals WHERE seq > $1 ORDER BY seq', [before]);
    expect(rows[0]).toEqual({ seq: before + 1, subject: a.keyId });
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_, i) => before + 1 + i));
    expect(rows.map((row) => row.subject)).toContain(b.keyId);
  });

  it('withdraws all keys of somebody who left under one number', async () => {
    const member = { ...owner, accountId: randomUUID() };
    await organization('MemberJoined.v1', { accountId: member.accountId, role: 'member' });
    await organization('ProjectMemberAdded.v1', { projectId: owner.projectId, accountId: member.accountId });
    await until(async () => (await code(issue(member))) === 'done');
    await issue(member);
    const before = await seq();
    await organization('MemberRemoved.v1', { accountId: member.accountId, reason: 'removed' });
    await until(async () => (await seq()) > before);
    expect(await sql('SELECT seq::int, count(*)::int FROM withdrawals WHERE seq > $1 GROUP BY seq', [before])).toEqual([
      { seq: before + 1, count: 2 },
    ]);
  });

  it('grants a gateway that has registered a lease up to where the withdrawals stand, and brings what it has not applied', async () => {
    const gateway = await follower();
    expect(await gateway.renew(gateway.at)).toEqual({
      outcome: 'granted',
      upTo: gateway.at,
      leaseMs: LEASE_MS,
      withdrawals: [],
    });
    const { keyId } = await issue();
    await sql('DELETE FROM followers');
    await revoke(keyId);
    await gateway.renew(gateway.at, { registering: true });
    expect(await gateway.renew(gateway.at)).toMatchObject({
      outcome: 'granted',
      upTo: gateway.at + 1,
      leaseMs: LEASE_MS,
      withdrawals: [{ epoch: gateway.epoch, seq: gateway.at + 1, subjects: [keyId] }],
    });
  });

  it('T-REV-4 makes a revocation wait until every gateway has applied it, and no longer', async () => {
    const [slow, quick] = [await follower(), await follower()];
    const { keyId } = await issue();
    let returned = false;
    const revoking = revoke(keyId).then(() => {
      returned = true;
    });
    await until(async () => (await seq()) > slow.at);
    await quick.renew(slow.at + 1);
    await delay(200);
    expect(returned).toBe(false);
    await slow.renew(slow.at + 1);
    await revoking;
    expect((await slow.row())?.applied).toBe(slow.at + 1);
  });

  it('makes a repeated revocation, and one that changes nothing, wait as the first one did', async () => {
    const { keyId } = await issue();
    const gateway = await follower();
    await sql('UPDATE followers SET lease_ms = 60000');
    void revoke(keyId).catch(() => undefined);
    await until(async () => (await seq()) > gateway.at);
    const repeated = revoke(keyId);
    expect(await Promise.race([repeated, delay(300, 'waits')])).toBe('waits');
    await gateway.renew(gateway.at + 1);
    await repeated;
  });

  it('waits for a silent gateway until its lease has certainly ended, and then for nobody', async () => {
    const gateway = await follower();
    const { keyId } = await issue();
    const began = performance.now();
    await revoke(keyId);
    expect(performance.now() - began).toBeGreaterThanOrEqual(outlived(LEASE_MS));
    expect(await gateway.row()).toBeUndefined();
    expect((await gateway.renew(gateway.at)).outcome).toBe('unknown');
  });

  it('waits for the lease that a gateway was granted before leases were shortened or switched off', async () => {
    const gateway = await follower();
    await sql('UPDATE fence SET lease_ms = 0');
    const { keyId } = await issue();
    const began = performance.now();
    await revoke(keyId);
    expect(performance.now() - began).toBeGreaterThanOrEqual(outlived(LEASE_MS));
    expect(await gateway.row()).toBeUndefined();
    expect((await fence().register({ protocol: PROTOCOL }, context())).leaseMs).toBe(0);
    await sql('UPDATE fence SET lease_ms = $1', [LEASE_MS]);
  });

  it('keeps a gateway that renewed while it was waited for', async () => {
    const gateway = await follower();
    const { keyId } = await issue();
    const revoking = revoke(keyId);
    await delay(500);
    await gateway.renew(gateway.at);
    await revoking;
    expect(await gateway.row()).toBeDefined();
  });

  it('lets nothing that comes late take back what a gateway has applied', async () => {
    const { keyId } = await issue();
    await revoke(keyId);
    const gateway = await follower();
    await gateway.renew(gateway.at - 1);
    await gateway.renew(gateway.at - 1, { registering: true });
    expect((await gateway.row())?.applied).toBe(gateway.at);
  });

  it('waits for nobody who has left', async () => {
    const gateway = await follower();
    await gateway.leave();
    expect(await gateway.row()).toBeUndefined();
    const { keyId } = await issue();
    const began = performance.now();
    await revoke(keyId);
    expect(performance.now() - began).toBeLessThan(LEASE_MS);
  });

  it('sends withdrawals as they are committed, one after the other', async () => {
    const { epoch, seq: after } = await fence().register({ protocol: PROTOCOL }, context());
    const made = [await issue(), await issue(), await issue()];
    const ending = new AbortController();
    const heard: { seq: number; subjects: string[] }[] = [];
    const following = (async () => {
      for await (const withdrawal of fence().follow(
        { protocol: PROTOCOL, instance: randomUUID(), epoch, after },
        { ...context(), signal: ending.signal },
      ))
        heard.push(withdrawal);
    })().catch(() => undefined);
    for (const { keyId } of made) await revoke(keyId);
    await until(() => Promise.resolve(heard.length === made.length));
    ending.abort();
    await following;
    expect(heard).toMatchObject(made.map(({ keyId }, i) => ({ epoch, seq: after + 1 + i, subjects: [keyId] })));
  });

  it('knows nobody of another epoch, nobody who is ahead of it, and nobody who has not registered', async () => {
    const gateway = await follower();
    expect((await gateway.renew(gateway.at, { epoch: gateway.epoch + 1 })).outcome).toBe('unknown');
    expect((await gateway.renew(gateway.at + 1)).outcome).toBe('unknown');
    expect(
      (
        await fence().renew(
          { protocol: PROTOCOL, instance: randomUUID(), epoch: gateway.epoch, applied: gateway.at, registering: false },
          context(),
        )
      ).outcome,
    ).toBe('unknown');
  });

  it('waits once for the leases of the epoch before when the log was restored', async () => {
    const [{ epoch } = {}] = await sql('SELECT epoch FROM log_meta');
    await harness.database('key-management').asOwner('UPDATE log_meta SET epoch = epoch + 1');
    const { keyId } = await issue();
    let began = performance.now();
    await revoke(keyId);
    expect(performance.now() - began).toBeGreaterThanOrEqual(outlived(LEASE_MS));
    began = performance.now();
    await revoke(keyId);
    expect(performance.now() - began).toBeLessThan(LEASE_MS);
    const following = (async () => {
      for await (const _ of fence().follow(
        { protocol: PROTOCOL, instance: randomUUID(), epoch: Number(epoch), after: 0 },
        context(),
      ))
        return;
    })();
    expect(await code(following)).toBe('request/invalid');
  });

  it('tells a gateway with another version of the protocol what to do, and gives it no lease', async () => {
    await expect(fence().register({ protocol: 2 }, context())).rejects.toThrow(
      /speaks version 1 of the fence, the gateway version 2: bring both to the same release/,
    );
    const gateway = await follower();
    expect(await code(gateway.renew(gateway.at, { protocol: 0 }))).toBe('request/invalid');
  });

  it.each([
    'UPDATE followers SET applied = 1000000',
    'UPDATE followers SET epoch = 77',
    'UPDATE followers SET applied = 0',
  ])('does not believe a table that was edited by hand: %s', async (edit) => {
    const gateway = await follower();
    const { keyId } = await issue();
    await sql(edit);
    const began = performance.now();
    await revoke(keyId);
    expect(performance.now() - began).toBeGreaterThanOrEqual(outlived(LEASE_MS));
    expect((await gateway.renew(gateway.at)).outcome).toBe('unknown');
  });

  it('says of no revocation that it holds, and of no key that it works, while the fence cannot be read', async () => {
    const [revoked, kept] = [await issue(), await issue()];
    await harness.database('key-management').asOwner('ALTER TABLE fence RENAME TO fence_away');
    expect(await code(revoke(revoked.keyId))).not.toBe('done');
    expect(await code(outcome(kept.secret))).not.toBe('done');
    await harness.database('key-management').asOwner('ALTER TABLE fence_away RENAME TO fence');
    await revoke(revoked.keyId);
    expect([await outcome(revoked.secret), await outcome(kept.secret)]).toEqual(['unknown', 'good']);
  });

  it('stamps a verdict with where the withdrawals stood before anything of it was read', async () => {
    const { secret } = await issue();
    const before = await seq();
    expect(await gate().verifyKeys({ digests: [apiKeyDigest(secret)] }, context())).toMatchObject({
      seq: before,
      verdicts: [{ outcome: 'good' }],
    });
  });

  it('withdraws an account that is suspended and a project that is archived', async () => {
    const other = { accountId: randomUUID(), organizationId: randomUUID(), projectId: randomUUID() };
    await organization('OrganizationCreated.v1', { name: 'Other', ownerId: other.accountId }, other.organizationId);
    await organization(
      'ProjectCreated.v1',
      { projectId: other.projectId, name: 'First', accountId: other.accountId },
      other.organizationId,
    );
    const before = await seq();
    await organization('ProjectArchived.v1', { projectId: other.projectId }, other.organizationId);
    await tell('identity.accounts', `account-${other.accountId}`, 'AccountSuspended.v1', {
      accountId: other.accountId,
      reason: 'inactivity',
      suspendedAt: AT,
    });
    await until(async () => (await seq()) === before + 2);
    expect(
      (await sql('SELECT subject FROM withdrawals WHERE seq > $1', [before])).map((row) => row.subject).sort(),
    ).toEqual([other.projectId, other.accountId].sort());
  });

  it('decides nothing about whom a fact that cannot be taken in may withdraw, and serves all others', async () => {
    const other = { ...owner, accountId: randomUUID() };
    await organization('MemberJoined.v1', { accountId: other.accountId, role: 'member' });
    await organization('ProjectMemberAdded.v1', { projectId: owner.projectId, accountId: other.accountId });
    await until(async () => (await code(issue(other))) === 'done');
    const [mine, theirs] = [await issue(), await issue(other)];
    const before = await seq();
    await tell('identity.accounts', `account-${other.accountId}`, 'AccountSuspended.v1', {
      accountId: other.accountId,
      reason: 7,
    });
    await until(async () => (await outcome(theirs.secret)) === 'undecided');
    expect(await outcome(mine.secret)).toBe('good');
    expect(await sql('SELECT subject FROM withdrawals WHERE seq > $1', [before])).toEqual([
      { subject: other.accountId },
    ]);
  });
});
