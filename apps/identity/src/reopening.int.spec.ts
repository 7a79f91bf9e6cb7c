import { randomUUID } from 'node:crypto';
import type { Message } from '#bus';
import { code, context, identityHarness, type IdentityHarness, PASSWORD } from './identity.fixture.ts';

describe('going on with an older copy of the accounts', () => {
  let identity: IdentityHarness;
  beforeAll(async () => {
    identity = await identityHarness();
  });
  afterAll(() => identity.stop());

  /** What the lost branch had told of an account, as its relay told it. */
  const tell = (accountId: string, version: number, type: string, data: object) =>
    identity.harness.bus.publish([
      {
        topic: 'identity.accounts',
        key: `account-${accountId}`,
        eventId: randomUUID(),
        type,
        version,
        previous: version - 1,
        source: 'identity',
        time: '2026-01-01T00:00:00.000Z',
        position: `1.${10_000_000 + version}.1`,
        correlationId: randomUUID(),
        data: { accountId, ...data },
      } satisfies Message,
    ]);

  it('suspends again who was suspended, wants another password where one was set since, and ends all sessions', async () => {
    const [suspended, changed, other] = [
      await identity.register(),
      await identity.register(),
      await identity.register(),
    ];
    const registered = async () =>
      (await identity.harness.told('identity.accounts')).filter(({ name }) => name === 'AccountRegistered.v1').length;
    for (let i = 0; i < 200 && (await registered()) < 3; i++) await new Promise((later) => setTimeout(later, 50));
    const versionOf = async (accountId: string) =>
      (
        await identity.rows<{ version: number }>('SELECT version FROM streams WHERE id = $1', [`account-${accountId}`])
      )[0]?.version ?? 0;
    const suspension = { reason: 'operator', suspendedAt: '2026-01-01T00:00:00.000Z' };
    await tell(suspended.accountId, (await versionOf(suspended.accountId)) + 1, 'AccountSuspended.v1', suspension);
    await tell(changed.accountId, (await versionOf(changed.accountId)) + 2, 'PasswordSet.v1', { how: 'change' });
    await identity.harness.database('identity').asOwner(`SELECT log_deny('the bus knows more')`);
    for (let i = 0; i < 200 && (await code(identity.signIn(other.email))) !== 'log/older'; i++)
      await new Promise((later) => setTimeout(later, 50));

    const reopened = await identity.harness
      .peer('operator:ada')
      .of('identity', 'Operations')
      .reopenLog({ apply: true, reason: 'the disk is lost' }, context());
    expect(reopened).toMatchObject({
      takenBack: [{ type: 'AccountSuspended.v1', count: 1 }],
      lost: [{ type: 'PasswordSet.v1', count: 1 }],
      fillers: 1,
      names: [{ streamId: `account-${changed.accountId}`, type: 'PasswordSet.v1' }],
    });
    const tokens = [suspended, changed, other].map(({ token }) => token);
    expect(await identity.outcomes(...tokens)).toEqual(['ended', 'ended', 'ended']);
    const signIns = [suspended, changed, other].map(({ email }) => code(identity.signIn(email, PASSWORD)));
    expect(await Promise.all(signIns)).toEqual(['account/suspended', 'sign-in/failed', 'done']);
  });
});
