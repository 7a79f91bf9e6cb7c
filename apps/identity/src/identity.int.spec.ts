import { randomBytes, randomUUID } from 'node:crypto';
import type { identity as proto } from '#contracts';
import { type CallContext, Problem } from '#platform';
import { serviceHarness, type ServiceHarness } from '#testing';
import { identity } from './identity.module.ts';

const PASSWORD = 'a long walk in the rain';
const DAY_MS = 86_400_000;
const visit = (network: string = randomUUID(), deviceToken?: string): proto.Visit => ({
  network,
  ...(deviceToken === undefined ? {} : { deviceToken }),
  device: 'Firefox on Linux',
  shownNetwork: '203.0.113.0/24',
});
const context = (): CallContext => ({ correlationId: randomUUID(), actor: 'service:test' });
const address = () => `${randomUUID()}@example.com`;
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

describe('identity', () => {
  let harness: ServiceHarness;
  const accounts = () => harness.peer('gateway').of('identity', 'Accounts');
  const signUps = () => harness.peer('gateway').of('identity', 'SignUps');
  const signIns = () => harness.peer('gateway').of('identity', 'SignIns');
  const sessions = () => harness.peer('gateway').of('identity', 'Sessions');
  const mailer = () => harness.peer('mailer').of('identity', 'SignUps');
  const rows = async <R extends object>(text: string, values: unknown[] = []) =>
    (await harness.database('identity').pool.query<R>(text, values)).rows;
  const outcomes = async (tokens: readonly string[], touch = false) =>
    (
      await sessions().checkSessions({ checks: tokens.map((sessionToken) => ({ sessionToken, touch })) }, context())
    ).verdicts.map((verdict) => verdict.outcome);
  const signIn = async (email: string, password = PASSWORD, network?: string): Promise<proto.SignedIn> => {
    const { signedIn } = await signIns().signIn({ email, password, visit: visit(network) }, context());
    if (!signedIn) throw new Error('no session has begun');
    return signedIn;
  };

  /** The sign-ups that were asked for, the newest last. */
  const signUpIds = async () =>
    (
      await rows<{ id: string }>(
        `SELECT substr(stream_id, 9) AS id FROM events WHERE type = 'SignUpRequested' ORDER BY txid, pos`,
      )
    ).map(({ id }) => id);
  const request = async (email: string) => {
    await signUps().requestSignUp({ email, network: randomUUID() }, context());
    return (await mailer().addressSignUp({ signUpId: (await signUpIds()).at(-1) ?? '' }, context())).token ?? '';
  };
  const register = async (email = address()): Promise<proto.SignedIn> =>
    signUps().verifySignUp({ token: await request(email), name: 'Ada', password: PASSWORD }, context());

  beforeAll(async () => {
    harness = await serviceHarness([
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
    ]);
  });
  afterAll(() => harness.stop());
  afterEach(() => {
    harness.clock.setOffset(0);
  });

  it('makes an account by a mailed link, once; all links to that address die with it', async () => {
    const email = address();
    const [older, newer] = [await request(email), await request(email)];
    expect(
      (await signUps().verifySignUp({ token: newer, name: 'Ada', password: PASSWORD }, context())).account,
    ).toMatchObject({ email, name: 'Ada', status: 'active' });
    expect(await code(signUps().verifySignUp({ token: newer, name: 'Eve', password: PASSWORD }, context()))).toBe(
      'link/unknown',
    );
    expect(await code(signUps().verifySignUp({ token: older, name: 'Eve', password: PASSWORD }, context()))).toBe(
      'link/unknown',
    );
  });

  it('takes a try before it judges: of many at once no more are judged than are allowed', async () => {
    const email = address();
    await register(email);
    const wrong = await Promise.all(
      Array.from({ length: 40 }, () => code(signIn(email, 'another password here', 'many'))),
    );
    expect(wrong.filter((outcome) => outcome === 'sign-in/failed')).toHaveLength(5);
    expect(wrong.filter((outcome) => outcome === 'request/rate-limited')).toHaveLength(35);
    const network = randomUUID();
    const asked = await Promise.all(
      Array.from({ length: 60 }, () => code(signUps().requestSignUp({ email: address(), network }, context()))),
    );
    expect(asked.filter((outcome) => outcome === 'done')).toHaveLength(20);
    const mailed = address();
    const before = (await signUpIds()).length;
    await Promise.all(
      Array.from({ length: 30 }, () => signUps().requestSignUp({ email: mailed, network: randomUUID() }, context())),
    );
    expect((await signUpIds()).length - before).toBe(5);
  });

  it('lets all pass whose password is right, also when they come at once', async () => {
    const email = address();
    await register(email);
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => code(signIn(email, PASSWORD, 'home'))));
    expect(outcomes.filter((outcome) => outcome === 'request/rate-limited')).toEqual([]);
  });

  it('makes one account when two links to one address are spent at the same moment', async () => {
    const email = address();
    const tokens = [await request(email), await request(email)];
    const made = await Promise.all(
      tokens.map((token) => code(signUps().verifySignUp({ token, name: 'Ada', password: PASSWORD }, context()))),
    );
    expect(made.filter((result) => result === 'done')).toHaveLength(1);
  });

  it('refuses links that are forged, altered or a day old', async () => {
    const token = await request(address());
    const altered = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
    for (const wrong of ['', 'x', altered, randomBytes(48).toString('base64url')])
      expect(await code(signUps().verifySignUp({ token: wrong, name: 'Eve', password: PASSWORD }, context()))).toBe(
        'link/unknown',
      );
    harness.clock.setOffset(DAY_MS);
    expect(await code(signUps().verifySignUp({ token, name: 'Eve', password: PASSWORD }, context()))).toBe(
      'link/unknown',
    );
  });

  it('mails a registered address no link', async () => {
    const email = address();
    await register(email);
    expect(await request(email.toUpperCase())).toBe('');
  });

  it('refuses passwords that are short or known to everybody, and spends no link for them', async () => {
    const token = await request(address());
    const verify = (password: string) => signUps().verifySignUp({ token, name: 'Ada', password }, context());
    expect(await code(verify('short'))).toBe('request/invalid');
    expect(await code(verify('Password-Password'))).toBe('password/too-common');
    expect(await code(verify('aaaaaaaaaaaaaaaaaaaa'))).toBe('password/too-common');
    expect(await code(verify('x'.repeat(1025)))).toBe('request/invalid');
    expect(await code(verify(PASSWORD))).toBe('done');
  });

  it('gives a wrong password and an unknown address the same answer', async () => {
    const email = address();
    await register(email);
    const [wrong, unknown] = await Promise.all(
      [signIn(email, 'another password here'), signIn(address())].map((promise) =>
        promise.catch((error: unknown) => error),
      ),
    );
    expect(wrong).toEqual(unknown);
    expect(wrong).toMatchObject({ code: 'sign-in/failed' });
  });

  it('slows down guessing from one network, and not the holder elsewhere', async () => {
    const email = address();
    await register(email);
    for (let i = 0; i < 5; i++) expect(await code(signIn(email, 'another password here', 'n'))).toBe('sign-in/failed');
    expect(await code(signIn(email, PASSWORD, 'n'))).toBe('request/rate-limited');
    expect(await code(signIn(email, PASSWORD, 'elsewhere'))).toBe('done');
    harness.clock.setOffset(2_000);
    expect(await code(signIn(email, PASSWORD, 'n'))).toBe('done');
  });

  it('ends a session now: every check after the answer knows it', async () => {
    const email = address();
    const first = await register(email);
    const second = await signIn(email);
    await sessions().endSession(
      { accountId: first.account?.accountId ?? '', sessionId: first.session?.sessionId ?? '' },
      context(),
    );
    expect(await outcomes([first.sessionToken, second.sessionToken, 'A'.repeat(43)])).toEqual([
      'ended',
      'good',
      'ended',
    ]);
    const third = await signIn(email);
    await sessions().endOtherSessions(
      { accountId: first.account?.accountId ?? '', keptSessionId: third.session?.sessionId ?? '' },
      context(),
    );
    expect(await outcomes([second.sessionToken, third.sessionToken])).toEqual(['ended', 'good']);
    expect(
      await code(
        sessions().endSession({ accountId: randomUUID(), sessionId: third.session?.sessionId ?? '' }, context()),
      ),
    ).toBe('session/unknown');
  });

  it('ends idle sessions after 30 minutes, also those that began before it was switched on; looking does not keep them', async () => {
    const { account, sessionToken } = await register();
    harness.clock.setOffset(20 * 60_000);
    expect(await outcomes([sessionToken], true)).toEqual(['good']);
    await accounts().setIdleTimeout({ accountId: account?.accountId ?? '', enabled: true }, context());
    harness.clock.setOffset(45 * 60_000);
    expect(await outcomes([sessionToken])).toEqual(['good']);
    harness.clock.setOffset(50 * 60_000);
    expect(await outcomes([sessionToken], true)).toEqual(['ended']);
  });

  it('ends every session after 30 days', async () => {
    const { sessionToken } = await register();
    harness.clock.setOffset(30 * DAY_MS);
    expect(await outcomes([sessionToken], true)).toEqual(['ended']);
  });

  it('suspends on dormancy, ends the sessions, and says so only after the right password', async () => {
    const email = address();
    const { account, sessionToken } = await register(email);
    const accountId = account?.accountId ?? '';
    const [login] = await rows<{ at: string }>(`SELECT data->>'at' AS at FROM events WHERE stream_id = $1`, [
      `login-${accountId}`,
    ]);
    await harness.bus.publish([
      {
        topic: 'inactivity-policy.decisions',
        key: `dormancy-${accountId}`,
        eventId: randomUUID(),
        type: 'DormancyReached.v1',
        version: 1,
        previous: 0,
        source: 'inactivity-policy',
        time: '2026-01-01T00:00:00.000Z',
        position: '1.1.1',
        correlationId: 'test',
        data: {
          accountId,
          dueAt: '2026-01-01T00:00:00.000Z',
          reachedAt: '2026-01-01T00:00:00.000Z',
          policyVersion: 1,
          warningMessageId: randomUUID(),
          noticeServedAt: '2026-01-01T00:00:00.000Z',
          lastActivity: { signIn: login?.at ?? null, session: null, api: null },
          watermark: null,
        },
      },
    ]);
    for (const deadline = Date.now() + 10_000; (await outcomes([sessionToken]))[0] !== 'ended';)
      expect(Date.now()).toBeLessThan(deadline);
    expect(await code(signIn(email))).toBe('account/suspended');
    expect(await code(signIn(email, 'another password here'))).toBe('sign-in/failed');
  });

  it("keeps names, addresses and passwords out of the log's plain columns and out of every table", async () => {
    const email = `canary-${randomUUID()}@example.com`;
    await register(email);
    await request(`canary-${randomUUID()}@example.org`);
    const tables = await rows<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    for (const { name } of tables)
      expect(
        await rows(`SELECT 1 FROM "${name}" t WHERE t::text ILIKE '%canary-%' OR t::text LIKE '%$argon2%'`),
      ).toEqual([]);
  });
});
