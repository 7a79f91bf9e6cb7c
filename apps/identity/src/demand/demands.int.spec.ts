import { randomBytes, randomUUID } from 'node:crypto';
import type { Fact, history, identity as proto } from '#contracts';
import { type CallContext, Problem } from '#platform';
import { serviceHarness, type ServiceHarness } from '#testing';
import { identity } from '../identity.module.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const context = (): CallContext => ({ correlationId: randomUUID(), actor: 'service:test' });
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

describe('what organizations ask of their people', () => {
  let harness: ServiceHarness;
  /** What organization has decided and the bus may not have brought. */
  const published = new Map<string, history.PublishedFact[]>();

  beforeAll(async () => {
    harness = await serviceHarness(
      [
        {
          service: identity,
          config: async (database) => {
            const keys = await database();
            return {
              personKeysDatabaseUrl: keys.url,
              ownerPersonKeysDatabaseUrl: keys.ownerUrl,
              masterKey: randomBytes(32).toString('base64url'),
            };
          },
        },
      ],
      {
        organization: {
          History: {
            readStream: async ({ streamId, afterVersion }) => ({
              facts: (published.get(streamId) ?? []).filter(({ version }) => version > afterVersion),
            }),
          },
        },
      },
    );
  });
  afterAll(() => harness.stop());
  afterEach(() => {
    harness.clock.setOffset(0);
  });

  const accounts = () => harness.peer('gateway').of('identity', 'Accounts');
  const sessions = () => harness.peer('gateway').of('identity', 'Sessions');
  const security = () => harness.peer('gateway').of('identity', 'Security');
  const asked = () => harness.peer('organization').of('identity', 'Accounts');

  async function signUp(): Promise<{ accountId: string; token: string; holder: proto.Holder }> {
    const signUps = harness.peer('gateway').of('identity', 'SignUps');
    await signUps.requestSignUp({ email: `${randomUUID()}@example.com`, network: randomUUID() }, context());
    const { rows } = await harness
      .database('identity')
      .pool.query<{ id: string }>(
        `SELECT substr(stream_id, 9) AS id FROM events WHERE type = 'SignUpRequested' ORDER BY txid DESC, pos DESC LIMIT 1`,
      );
    const { token = '' } = await harness
      .peer('mailer')
      .of('identity', 'SignUps')
      .addressSignUp({ signUpId: rows[0]?.id ?? '' }, context());
    const { account, session, sessionToken } = await signUps.verifySignUp(
      { token, name: 'Ada', password: 'a long walk in the rain' },
      context(),
    );
    const accountId = account?.accountId ?? '';
    return { accountId, token: sessionToken, holder: { accountId, sessionId: session?.sessionId ?? '' } };
  }

  /** An organization that decides; whether identity has it then, which has heard of nothing before. */
  function team(...accountIds: readonly string[]) {
    const organizationId = randomUUID();
    const streamId = `organization-${organizationId}`;
    const facts: history.PublishedFact[] = [];
    published.set(streamId, facts);
    const decide = ({ name: type, data }: Fact) => {
      const version = facts.length + 1;
      facts.push({
        topic: 'organization.organizations',
        streamId,
        eventId: randomUUID(),
        type,
        version,
        previous: version - 1,
        source: 'organization',
        time: harness.clock.now().toISOString(),
        position: `1.${version}.1`,
        correlationId: 'test',
        traceparent: undefined,
        data: JSON.stringify(data),
      });
      return asked().confirmDemands({ streamId, version, epoch: 0 }, context());
    };
    return {
      organizationId,
      streamId,
      decide,
      begin: async () => {
        await decide({ name: 'OrganizationCreated.v1', data: { organizationId, name: 'Acme', ownerId: randomUUID() } });
        for (const accountId of accountIds)
          await decide({ name: 'MemberJoined.v1', data: { organizationId, accountId, role: 'member' } });
      },
    };
  }

  const verdict = async (sessionToken: string) =>
    (await sessions().checkSessions({ checks: [{ sessionToken, touch: false }] }, context())).verdicts[0];
  const inMs = (ms: number) => {
    harness.clock.setOffset(ms);
  };
  const isRequired = async (accountId: string) =>
    (await accounts().getAccount({ accountId }, context())).idleTimeoutRequired;

  it('end open sessions without a person from the confirmation on, and leave it to people again once it is waived', async () => {
    const [bob, eve] = [await signUp(), await signUp()];
    const { organizationId, begin, decide } = team(bob.accountId);
    const idleEnds = async () => (await verdict(bob.token))?.session?.idleEndsAt;
    await begin();
    expect(await decide({ name: 'IdleTimeoutRequired.v1', data: { organizationId } })).toEqual({ confirmed: true });
    expect([await isRequired(bob.accountId), await isRequired(eve.accountId)]).toEqual([true, false]);
    expect(await idleEnds()).toBeDefined();
    await decide({ name: 'IdleTimeoutWaived.v1', data: { organizationId } });
    expect([await isRequired(bob.accountId), await idleEnds()]).toEqual([false, undefined]);
    inMs(31 * MINUTE_MS);
    await decide({ name: 'IdleTimeoutRequired.v1', data: { organizationId } });
    expect([(await verdict(bob.token))?.outcome, (await verdict(eve.token))?.outcome]).toEqual(['ended', 'good']);
  });

  it('hold for who joins, and let go who leaves', async () => {
    const bob = await signUp();
    const { organizationId, begin, decide } = team();
    await begin();
    await decide({ name: 'IdleTimeoutRequired.v1', data: { organizationId } });
    expect(await isRequired(bob.accountId)).toBe(false);
    await decide({ name: 'MemberJoined.v1', data: { organizationId, accountId: bob.accountId, role: 'owner' } });
    expect(await isRequired(bob.accountId)).toBe(true);
    const off = () => accounts().setIdleTimeout({ accountId: bob.accountId, enabled: false }, context());
    expect(await code(off())).toBe('session/time-out-required');
    await accounts().setIdleTimeout({ accountId: bob.accountId, enabled: true }, context());
    expect(await code(off())).toBe('session/time-out-required');
    await decide({ name: 'MemberRemoved.v1', data: { organizationId, accountId: bob.accountId, reason: 'left' } });
    expect(await code(off())).toBe('done');
    expect(await isRequired(bob.accountId)).toBe(false);
  });

  it('confine sessions without a second factor from the earliest day of all organizations on', async () => {
    const bob = await signUp();
    const [first, second] = [team(bob.accountId), team(bob.accountId)];
    const require = ({ organizationId, decide }: typeof first, days: number) =>
      decide({
        name: 'SecondFactorRequired.v1',
        data: { organizationId, from: new Date(harness.clock.now().getTime() + days * DAY_MS).toISOString() },
      });
    await first.begin();
    await second.begin();
    const isConfined = async () => (await verdict(bob.token))?.confined;
    const demandedBy = async () => (await security().getSecurity({ holder: bob.holder }, context())).demandedBy;
    expect(await demandedBy()).toEqual([]);
    await require(first, 9);
    await require(second, 8);
    expect([await isConfined(), await demandedBy()]).toEqual([false, [second.organizationId, first.organizationId]]);
    inMs(8.1 * DAY_MS);
    expect(await isConfined()).toBe(true);
    await second.decide({ name: 'SecondFactorWaived.v1', data: { organizationId: second.organizationId } });
    expect(await isConfined()).toBe(false);
    inMs(9.1 * DAY_MS);
    expect(await isConfined()).toBe(true);
    await require(first, 3);
    expect(await isConfined()).toBe(false);
    inMs(13 * DAY_MS);
    expect(await isConfined()).toBe(true);
    await first.decide({
      name: 'MemberRemoved.v1',
      data: { organizationId: first.organizationId, accountId: bob.accountId, reason: 'removed' },
    });
    expect([await isConfined(), await demandedBy()]).toEqual([false, []]);
  });

  it('come by the bus alone, too', async () => {
    const bob = await signUp();
    const { organizationId, streamId } = team();
    await harness.tell(
      { name: 'OrganizationCreated.v1', data: { organizationId, name: 'Acme', ownerId: bob.accountId } },
      streamId,
    );
    await harness.tell({ name: 'IdleTimeoutRequired.v1', data: { organizationId } }, streamId);
    for (const until = performance.now() + 10_000; !(await isRequired(bob.accountId));)
      expect(performance.now()).toBeLessThan(until);
  });

  it('are not confirmed while organization has said nothing of it, and of nobody else', async () => {
    const confirm = (streamId: string) => asked().confirmDemands({ streamId, version: 1, epoch: 0 }, context());
    expect(await confirm(`organization-${randomUUID()}`)).toEqual({ confirmed: false });
    expect(await code(confirm(`account-${randomUUID()}`))).toBe('request/invalid');
  });

  it('are met by an account whose multi-factor authentication is on', async () => {
    const { accountId } = await signUp();
    const standing = () => asked().getStanding({ accountId }, context());
    expect(await standing()).toEqual({ multiFactor: false, status: 'active', passkey: false });
    const { pool } = harness.database('identity');
    const uses = (step: number) =>
      pool.query('INSERT INTO factor_uses (factor_id, account_id, step) VALUES ($1, $2, $3)', [
        randomUUID(),
        accountId,
        step,
      ]);
    await uses(57_000_000);
    expect(await standing()).toMatchObject({ passkey: false });
    await uses(0);
    expect(await standing()).toMatchObject({ passkey: true });
    await pool.query('DELETE FROM factor_uses WHERE account_id = $1', [accountId]);
    await harness
      .database('identity')
      .pool.query('UPDATE accounts SET multi_factor = true WHERE account_id = $1', [accountId]);
    expect(await standing()).toEqual({ multiFactor: true, status: 'active', passkey: false });
    expect(await code(asked().getStanding({ accountId: randomUUID() }, context()))).toBe('account/unknown');
  });
});
