import { randomUUID } from 'node:crypto';
import type { identity as proto } from '#contracts';
import {
  code,
  context,
  identityHarness,
  type IdentityHarness,
  PASSWORD,
  type Person,
  visit,
} from '../identity.fixture.ts';

const AT = '2026-01-01T00:00:00.000Z';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A token begins with the id of what it is about. */
const ID_BYTES = 16;
/** The one answer to a link that does not work, of whatever kind. */
const UNKNOWN = 'link/unknown';
const NEW_PASSWORD = 'a short ride over the hill';

describe('the ways back to an account', () => {
  let identity: IdentityHarness;
  beforeAll(async () => {
    identity = await identityHarness();
  });
  afterAll(() => identity.stop());
  afterEach(() => {
    identity.harness.clock.setOffset(0);
  });

  const wish = (kind: 'reset' | 'reactivation', email: string) =>
    identity.recoveries.wishForMail({ kind, email, network: randomUUID() }, context());

  async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (performance.now() > deadline) throw new Error('it did not come true in time');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const decided = () =>
    until(async () => ((await identity.rows('SELECT FROM mail_wishes')).length === 0 ? true : undefined));

  /** The token of the link that is mailed for a wish. */
  async function linked(kind: 'reset' | 'reactivation', { email, accountId }: Person): Promise<string> {
    const before = (await identity.links(kind, accountId)).length;
    await wish(kind, email);
    const id = await until(async () => (await identity.links(kind, accountId))[before]);
    const { email: to, token } = await identity.letter(kind, id);
    expect(to).toBe(email);
    return token ?? '';
  }
  const open = (kind: 'reset' | 'reactivation', token: string) =>
    identity.recoveries.openLink({ kind, token }, context());
  const complete = (half: proto.HalfSession, password?: string) =>
    identity.recoveries.completeHalf(
      { halfToken: half.halfToken ?? '', ...(password === undefined ? {} : { password }), visit: visit() },
      context(),
    );
  const suspend = async ({ accountId }: Person) => {
    await identity.harness.tell(
      {
        name: 'DormancyReached.v1',
        data: {
          accountId,
          dueAt: AT,
          reachedAt: AT,
          policyVersion: 1,
          warningMessageId: randomUUID(),
          noticeServedAt: AT,
          lastActivity: { signIn: '2999-01-01T00:00:00.000Z', session: null, api: null },
          watermark: null,
        },
      },
      `account-${accountId}`,
    );
    await until(async () =>
      (await identity.rows(`SELECT FROM accounts WHERE account_id = $1 AND status = 'suspended'`, [accountId]))
        .length === 1
        ? true
        : undefined,
    );
  };

  describe('a reset', () => {
    it('sets a new password by a mailed link, once; every session and every other link of before is dead', async () => {
      const ada = await identity.register();
      const [older, token] = [await linked('reset', ada), await linked('reset', ada)];
      const half = await open('reset', token);
      expect(half).toMatchObject({ purpose: 'reset', next: 'new-password', accepts: ['new-password'] });
      expect(await code(complete(half, 'short'))).toBe('request/invalid');
      const { signedIn } = await complete(half, NEW_PASSWORD);
      expect(signedIn?.session?.methods).toEqual(['link', 'new-password']);
      expect(await identity.outcomes(ada.token, signedIn?.sessionToken ?? '')).toEqual(['ended', 'good']);
      expect(await code(identity.signIn(ada.email, PASSWORD))).toBe('sign-in/failed');
      expect(await code(identity.signIn(ada.email, NEW_PASSWORD))).toBe('done');
      for (const dead of [older, token]) expect(await code(open('reset', dead))).toBe('link/unknown');
      expect(await code(complete(half, 'another ride over the hill'))).toBe('sign-in/half-required');
    });

    it('asks for the second factor before the password where there is one', async () => {
      const ada = await identity.register();
      const { codes } = await identity.addAuthenticator(ada);
      const half = await open('reset', await linked('reset', ada));
      expect(half).toMatchObject({ next: 'second-factor', accepts: ['totp', 'recovery-code'] });
      expect((await complete(half, NEW_PASSWORD)).half).toMatchObject({ next: 'second-factor' });
      expect(await code(identity.signIn(ada.email, NEW_PASSWORD))).toBe('sign-in/failed');
      expect((await identity.proveHalf(half.halfToken ?? '', { recoveryCode: codes[0] ?? '' })).half).toMatchObject({
        next: 'new-password',
      });
      expect((await complete(half, NEW_PASSWORD)).signedIn?.session?.methods).toEqual([
        'link',
        'recovery-code',
        'new-password',
      ]);
    });

    it('counts no right answer as a wrong one: whoever needed all five comes to the end', async () => {
      const ada = await identity.register();
      const { codes } = await identity.addAuthenticator(ada);
      const half = await open('reset', await linked('reset', ada));
      for (let i = 0; i < 4; i++)
        expect(await code(identity.proveHalf(half.halfToken ?? '', { recoveryCode: 'x' }))).toBe('factor/refused');
      await identity.proveHalf(half.halfToken ?? '', { recoveryCode: codes[0] ?? '' });
      expect((await complete(half, NEW_PASSWORD)).signedIn).toBeTruthy();
    });

    it('takes no link that is late, altered, of another purpose or kind, or of before a change', async () => {
      const ada = await identity.register();
      const token = await linked('reset', ada);
      expect(await code(open('reactivation', token))).toBe('link/unknown');
      for (const wrong of ['', 'x', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`])
        expect(await code(open('reset', wrong))).toBe('link/unknown');
      const half = await open('reset', token);
      await identity.security.changePassword(
        { holder: ada.holder, current: PASSWORD, password: NEW_PASSWORD },
        context(),
      );
      expect(await code(open('reset', token))).toBe('link/unknown');
      expect(await code(complete(half, 'another ride over the hill'))).toBe('sign-in/half-required');
      const late = await linked('reset', ada);
      identity.harness.clock.setOffset(30 * MINUTE_MS);
      expect(await code(open('reset', late))).toBe('link/unknown');
    });

    it('is the same answer for an unknown address, of which nothing is left', async () => {
      const before = await identity.rows(`SELECT FROM events WHERE stream_id LIKE 'reset-%'`);
      expect(await wish('reset', `${randomUUID()}@example.com`)).toEqual({});
      await decided();
      expect(await identity.rows(`SELECT FROM events WHERE stream_id LIKE 'reset-%'`)).toHaveLength(before.length);
    });

    it('is spent by one of many who complete it at the same moment, and no session outlives it', async () => {
      const ada = await identity.register();
      const token = await linked('reset', ada);
      const halves = await Promise.all(Array.from({ length: 6 }, () => open('reset', token)));
      const done = await Promise.allSettled([
        ...halves.map((half, n) => complete(half, `a short ride over hill number ${n}`)),
        ...Array.from({ length: 4 }, () => identity.signIn(ada.email)),
      ]);
      const tokens = done.flatMap((each) =>
        each.status === 'fulfilled' ? (each.value.signedIn?.sessionToken ?? []) : [],
      );
      const open_ = (await identity.outcomes(...tokens)).filter((outcome) => outcome === 'good');
      expect(done.slice(0, 6).filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(open_).toHaveLength(1);
    });
  });

  describe('a suspended account', () => {
    it('comes back alone: by a mailed link and its password; a reset leads there too', async () => {
      const ada = await identity.register();
      await suspend(ada);
      await expect(identity.signIn(ada.email)).rejects.toMatchObject({
        code: 'account/suspended',
        facts: { reason: 'inactivity', since: expect.stringMatching(/^20.*Z$/) as string },
      });
      await expect(identity.signIn(ada.email, 'another password here')).rejects.not.toHaveProperty('facts.since');
      await wish('reset', ada.email);
      const id = await until(async () => (await identity.links('reactivation', ada.accountId))[0]);
      const half = await open('reactivation', (await identity.letter('reactivation', id)).token ?? '');
      expect(half).toMatchObject({ purpose: 'reactivate', next: 'new-password' });
      expect((await complete(half)).half).toMatchObject({ next: 'new-password' });
      const { signedIn } = await identity.proveHalf(half.halfToken ?? '', { password: PASSWORD });
      expect(signedIn?.account?.status).toBe('active');
      expect(await code(identity.signIn(ada.email))).toBe('done');
    });

    it('spends its link, whichever proof is the one that begins the session', async () => {
      const ada = await identity.register();
      await suspend(ada);
      const token = await linked('reactivation', ada);
      const [half, waiting] = [await open('reactivation', token), await open('reactivation', token)];
      await identity.proveHalf(half.halfToken ?? '', { password: PASSWORD });
      expect(await code(open('reactivation', token))).toBe('link/unknown');
      expect(await code(complete(waiting, NEW_PASSWORD))).toBe('link/unknown');
      expect(await code(identity.signIn(ada.email, PASSWORD))).toBe('done');
    });

    it('comes back with a new password, where the old one is forgotten', async () => {
      const ada = await identity.register();
      await suspend(ada);
      const half = await open('reactivation', await linked('reactivation', ada));
      expect((await complete(half, NEW_PASSWORD)).signedIn?.account?.status).toBe('active');
      expect(await code(identity.signIn(ada.email, NEW_PASSWORD))).toBe('done');
    });
  });

  describe('an address', () => {
    const change = (ada: Person, email: string) =>
      identity.security.requestAddressChange({ holder: ada.holder, email }, context());
    const token = async (purpose: string, { accountId }: Person) =>
      (await identity.letter(purpose, accountId)).token ?? '';

    it('changes by the link in the new mailbox, and back by the one in the old, with all that was added', async () => {
      const ada = await identity.register();
      const email = `${randomUUID()}@example.org`;
      await change(ada, email);
      expect(await identity.letter('address-confirm', ada.accountId)).toMatchObject({ email });
      const confirm = await token('address-confirm', ada);
      expect(await identity.recoveries.lookAddressLink({ token: confirm }, context())).toMatchObject({
        does: 'confirm',
      });
      expect(await code(identity.recoveries.undoAddress({ token: confirm }, context()))).toBe('link/unknown');
      const { factorId } = await identity.addAuthenticator(ada);
      await identity.recoveries.confirmAddress({ token: confirm }, context());
      expect(await identity.outcomes(ada.token)).toEqual(['ended']);
      expect(await code(identity.signIn(ada.email))).toBe('sign-in/failed');
      expect(await code(identity.signIn(email))).toBe('done');
      expect(await code(identity.recoveries.confirmAddress({ token: confirm }, context()))).toBe('link/unknown');

      expect(await identity.letter('address-undo', ada.accountId)).toMatchObject({ email: ada.email });
      const undo = await token('address-undo', ada);
      expect(await identity.recoveries.lookAddressLink({ token: undo }, context())).toMatchObject({ does: 'undo' });
      await identity.recoveries.undoAddress({ token: undo }, context());
      expect(await code(identity.signIn(email))).toBe('sign-in/failed');
      // The password is withdrawn until it is reset; the factor that came with the thief is gone.
      expect(await code(identity.signIn(ada.email))).toBe('sign-in/failed');
      expect(await identity.rows('SELECT FROM factor_uses WHERE factor_id = $1', [factorId])).toEqual([]);
      const half = await open('reset', await linked('reset', ada));
      expect((await complete(half, NEW_PASSWORD)).signedIn?.account?.email).toBe(ada.email);
    });

    it('changes once in seven days, by the newest link alone; the old one stays taken as long, and is free then', async () => {
      const ada = await identity.register();
      const [first, second] = [`${randomUUID()}@example.org`, `${randomUUID()}@example.org`];
      await change(ada, first);
      const dead = await token('address-confirm', ada);
      await change(ada, second);
      expect(await code(identity.recoveries.confirmAddress({ token: dead }, context()))).toBe('link/unknown');
      await identity.recoveries.confirmAddress({ token: await token('address-confirm', ada) }, context());
      const { signedIn } = await identity.signIn(second);
      const again = signedIn ? identity.person(second, signedIn) : ada;
      expect(await code(change(again, first))).toBe('account/address-changed-lately');
      expect(await code(identity.register(ada.email))).toBe('account/address-taken');
      identity.harness.clock.setOffset(7 * DAY_MS);
      await until(async () =>
        (await identity.rows('SELECT FROM account_deadlines WHERE account_id = $1', [ada.accountId])).length === 0
          ? true
          : undefined,
      );
      expect(await code(identity.register(ada.email))).toBe('done');
    });

    it("is not told to be somebody else's, who is told instead; one's own changes nothing", async () => {
      const [ada, bob] = [await identity.register(), await identity.register()];
      expect(await change(ada, bob.email)).toEqual({});
      expect(await identity.letter('address-confirm', ada.accountId)).toEqual({ email: bob.email, name: '' });
      expect(await change(ada, ada.email.toUpperCase())).toEqual({});
      await identity.security.cancelAddressChange({ holder: ada.holder }, context());
      expect(await identity.letter('address-confirm', ada.accountId)).toEqual({ name: '' });
    });

    it('is taken when it is confirmed, not when it is asked for: of two one gets it', async () => {
      const [ada, bob] = [await identity.register(), await identity.register()];
      const email = `${randomUUID()}@example.org`;
      for (const who of [ada, bob]) await change(who, email);
      const tokens = [await token('address-confirm', ada), await token('address-confirm', bob)];
      const done = await Promise.all(
        tokens.map((each) => code(identity.recoveries.confirmAddress({ token: each }, context()))),
      );
      expect(done.sort()).toEqual(['account/address-taken', 'done']);
    });
  });

  describe('lost factors', () => {
    const operator = () => identity.harness.peer('operator:ada').of('identity', 'Recoveries');
    const approve = (accountId: string, apply = true) =>
      operator().approveFactorRecovery({ accountId, reason: 'seen with a passport', apply }, context());

    async function asked(ada: Person) {
      const { halfToken } = await identity.half(ada.email);
      await identity.recoveries.askFactorRecovery({ halfToken }, context());
      const id = await until(async () => (await identity.links('recovery', ada.accountId)).at(-1));
      const { token } = await identity.letter('recovery-confirm', id);
      await identity.recoveries.confirmFactorRecovery({ token: token ?? '' }, context());
      return token ?? '';
    }

    it('are removed by the holder, an operator and 72 hours; nobody is signed in by it', async () => {
      const ada = await identity.register();
      await identity.addAuthenticator(ada);
      expect(await code(approve(ada.accountId))).toBe('recovery/not-due');
      const spent = await asked(ada);
      expect(await code(identity.recoveries.confirmFactorRecovery({ token: spent }, context()))).toBe('link/unknown');
      expect(await approve(ada.accountId, false)).toMatchObject({ status: 'asked' });
      expect(await approve(ada.accountId)).toMatchObject({ status: 'approved' });
      expect(await identity.letter('recovery-complete', ada.accountId)).toEqual({ name: '' });
      identity.harness.clock.setOffset(3 * DAY_MS);
      const token = await until(
        async () => (await identity.letter('recovery-complete', ada.accountId)).token ?? undefined,
      );
      await identity.recoveries.completeFactorRecovery({ token }, context());
      expect(await code(identity.recoveries.completeFactorRecovery({ token }, context()))).toBe('link/unknown');
      expect((await identity.signIn(ada.email)).signedIn).not.toBeNull();
    });

    it('are not removed by what the holder said more than a week ago, until they say it again', async () => {
      const ada = await identity.register();
      await identity.addAuthenticator(ada);
      await asked(ada);
      identity.harness.clock.setOffset(7 * DAY_MS);
      expect(await code(approve(ada.accountId))).toBe('recovery/not-due');
      await asked(ada);
      expect(await approve(ada.accountId)).toMatchObject({ status: 'approved' });
    });

    it('are kept when the holder says so, and when one of them is shown', async () => {
      const ada = await identity.register();
      const { secret } = await identity.addAuthenticator(ada);
      await asked(ada);
      await approve(ada.accountId);
      const { token } = await identity.letter('recovery-cancel', ada.accountId);
      await identity.recoveries.cancelFactorRecovery({ token: token ?? '' }, context());
      expect(await code(approve(ada.accountId))).toBe('recovery/not-due');
      await asked(ada);
      await approve(ada.accountId);
      const { halfToken } = await identity.half(ada.email);
      await identity.proveHalf(halfToken, { totp: identity.totp(secret) });
      expect(await code(approve(ada.accountId))).toBe('recovery/not-due');
    });
  });

  it('opens by each link one thing alone: every token is refused wherever it does not belong', async () => {
    const { recoveries } = identity;
    const [ada, eve, bob] = [await identity.register(), await identity.register(), await identity.register()];
    await identity.addAuthenticator(ada);
    const { halfToken } = await identity.half(ada.email);
    await recoveries.askFactorRecovery({ halfToken }, context());
    const recovery = await until(async () => (await identity.links('recovery', ada.accountId))[0]);
    await identity.security.requestAddressChange(
      { holder: ada.holder, email: `${randomUUID()}@example.org` },
      context(),
    );
    await identity.security.requestAddressChange(
      { holder: eve.holder, email: `${randomUUID()}@example.org` },
      context(),
    );
    const confirmed = (await identity.letter('address-confirm', eve.accountId)).token ?? '';
    await recoveries.confirmAddress({ token: confirmed }, context());
    await suspend(bob);
    const letter = async (purpose: string, id: string) => (await identity.letter(purpose, id)).token ?? '';
    const tokens = {
      openReset: await linked('reset', ada),
      openReactivation: await linked('reactivation', bob),
      confirmAddress: await letter('address-confirm', ada.accountId),
      undoAddress: await letter('address-undo', eve.accountId),
      confirmRecovery: await letter('recovery-confirm', recovery),
    };
    const doors: Readonly<Record<string, (token: string) => Promise<unknown>>> = {
      openReset: (token) => open('reset', token),
      openReactivation: (token) => open('reactivation', token),
      confirmAddress: (token) => recoveries.confirmAddress({ token }, context()),
      undoAddress: (token) => recoveries.undoAddress({ token }, context()),
      confirmRecovery: (token) => recoveries.confirmFactorRecovery({ token }, context()),
      cancelRecovery: (token) => recoveries.cancelFactorRecovery({ token }, context()),
      completeRecovery: (token) => recoveries.completeFactorRecovery({ token }, context()),
      verifySignUp: (token) =>
        identity.signUps.verifySignUp({ token, name: 'Ada', password: PASSWORD, visit: visit() }, context()),
    };
    // Also with the id of another person, to whom the rest was not mailed.
    const bytes = (token: string) => Buffer.from(token, 'base64url');
    const swapped = (token: string) =>
      Buffer.concat([bytes(tokens.openReactivation).subarray(0, ID_BYTES), bytes(token).subarray(ID_BYTES)]).toString(
        'base64url',
      );
    for (const [mine, token] of Object.entries(tokens))
      for (const [door, through] of Object.entries(doors)) {
        if (mine !== door) expect([mine, door, await code(through(token))]).toEqual([mine, door, UNKNOWN]);
        if (mine !== 'openReactivation')
          expect([mine, door, await code(through(swapped(token)))]).toEqual([mine, door, UNKNOWN]);
      }
    expect(Object.values(tokens)).not.toContain('');
  });
});
