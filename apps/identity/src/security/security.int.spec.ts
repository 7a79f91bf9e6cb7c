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

const MINUTE_MS = 60_000;
const NEW_PASSWORD = 'a short ride over the hill';

describe('what proves an account', () => {
  let identity: IdentityHarness;
  beforeAll(async () => {
    identity = await identityHarness();
  });
  afterAll(() => identity.stop());
  afterEach(() => {
    identity.harness.clock.setOffset(0);
  });

  const view = ({ holder }: Person) => identity.security.getSecurity({ holder }, context());

  it('is a password alone, until its holder adds a factor', async () => {
    const ada = await identity.register();
    expect(await view(ada)).toMatchObject({
      passwordAlone: true,
      multiFactor: false,
      factors: [],
      codesLeft: 0,
      proofAccepts: ['password'],
    });
    const { signedIn, half } = await identity.signIn(ada.email);
    expect([signedIn?.account?.accountId, half]).toEqual([ada.accountId, null]);
  });

  it('asks for a code behind the password once an authenticator is there, and for each code once', async () => {
    const ada = await identity.register();
    const other = (await identity.signIn(ada.email)).signedIn?.sessionToken ?? '';
    const { secret, uri, codes, confirmed } = await identity.addAuthenticator(ada);
    expect(uri).toMatch(/^otpauth:\/\/totp\/id\.example\.com:/);
    expect(codes).toHaveLength(10);
    expect(await identity.outcomes(ada.token, other)).toEqual(['good', 'ended']);
    const half = await identity.half(ada.email);
    expect(half).toMatchObject({ purpose: 'sign-in', next: 'second-factor', accepts: ['totp', 'recovery-code'] });
    // The one that confirmed the authenticator is spent.
    expect(await code(identity.proveHalf(half.halfToken, { totp: confirmed }))).toBe('factor/refused');
    const now = identity.totp(secret);
    const begun = await identity.proveHalf(half.halfToken, { totp: now });
    expect(begun.signedIn?.session?.methods).toEqual(['password', 'totp']);
    expect(await code(identity.proveHalf(half.halfToken, { totp: identity.totp(secret, 1) }))).toBe(
      'sign-in/half-required',
    );
    const again = await identity.half(ada.email);
    expect(await code(identity.proveHalf(again.halfToken, { totp: now }))).toBe('factor/refused');
  });

  it('takes a code as people type it, and no other', async () => {
    const ada = await identity.register();
    const { secret } = await identity.addAuthenticator(ada);
    const typed = identity.totp(secret);
    const wide = [...typed].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join('');
    const { halfToken } = await identity.half(ada.email);
    for (const wrong of [typed.slice(1), `${typed}0`, identity.totp(secret, 3), 'abcdef'])
      expect(await code(identity.proveHalf(halfToken, { totp: wrong }))).toBe('factor/refused');
    expect(await code(identity.proveHalf(halfToken, { totp: ` ${wide.slice(0, 3)} ${wide.slice(3)}` }))).toBe('done');
  });

  it('opens one session by one code, however many show it at the same moment', async () => {
    const ada = await identity.register();
    const { secret, codes } = await identity.addAuthenticator(ada);
    for (const proof of [{ totp: identity.totp(secret) }, { recoveryCode: codes[0] ?? '' }]) {
      const halves = await Promise.all(Array.from({ length: 4 }, () => identity.half(ada.email)));
      const shown = await Promise.all(halves.map(({ halfToken }) => code(identity.proveHalf(halfToken, proof))));
      expect(shown.filter((outcome) => outcome === 'done')).toHaveLength(1);
    }
  });

  it('takes each recovery code once, in any case and form, and those of before no more when there are new ones', async () => {
    const ada = await identity.register();
    const { codes } = await identity.addAuthenticator(ada);
    const [first = '', second = ''] = codes;
    const prove = async (recoveryCode: string) => {
      const { halfToken } = await identity.half(ada.email);
      return code(identity.proveHalf(halfToken, { recoveryCode }));
    };
    expect(await prove(` ${first.toUpperCase().replaceAll('-', ' ')}`)).toBe('done');
    expect(await prove(first)).toBe('factor/refused');
    expect((await view(ada)).codesLeft).toBe(9);
    const { codes: newer } = await identity.security.issueRecoveryCodes({ holder: ada.holder }, context());
    expect(await prove(second)).toBe('factor/refused');
    expect(await prove(newer[3] ?? '')).toBe('done');
    const again = { ...context(), commandId: randomUUID() };
    for (let i = 0; i < 2; i++) {
      const shown = await identity.security.issueRecoveryCodes({ holder: ada.holder }, again);
      expect(await prove(shown.codes[0] ?? '')).toBe('done');
    }
  });

  it('ends a sign-in by five wrong codes, by ten minutes, and by any change of what proves the account', async () => {
    const ada = await identity.register();
    const { secret } = await identity.addAuthenticator(ada);
    const guessed = await identity.half(ada.email);
    const wrong = await Promise.all(
      Array.from({ length: 20 }, () => code(identity.proveHalf(guessed.halfToken, { totp: '000000' }))),
    );
    expect(wrong.filter((outcome) => outcome === 'factor/refused').length).toBeLessThanOrEqual(5);
    identity.harness.clock.setOffset(20 * MINUTE_MS);
    expect(await code(identity.proveHalf(guessed.halfToken, { totp: identity.totp(secret) }))).toBe(
      'sign-in/half-required',
    );
    const late = await identity.half(ada.email);
    identity.harness.clock.setOffset(30 * MINUTE_MS);
    expect(await code(identity.proveHalf(late.halfToken, { totp: identity.totp(secret) }))).toBe(
      'sign-in/half-required',
    );
    const changed = await identity.half(ada.email);
    identity.harness.clock.setOffset(0);
    await identity.security.issueRecoveryCodes({ holder: ada.holder }, context());
    identity.harness.clock.setOffset(30 * MINUTE_MS);
    expect(await code(identity.proveHalf(changed.halfToken, { totp: identity.totp(secret) }))).toBe(
      'sign-in/half-required',
    );
  });

  it('ends a sign-in that waits for a factor when that factor goes', async () => {
    const ada = await identity.register();
    const [phone] = [await identity.addAuthenticator(ada), await identity.addAuthenticator(ada)];
    const { halfToken } = await identity.half(ada.email);
    await identity.security.removeFactor({ holder: ada.holder, factorId: phone.factorId }, context());
    for (const proof of [{ totp: identity.totp(phone.secret) }, { recoveryCode: phone.codes[0] ?? '' }])
      expect(await code(identity.proveHalf(halfToken, proof))).toMatch(/^(sign-in\/half-required|factor\/refused)$/);
    expect(await code(identity.signIns.getHalf({ halfToken }, context()))).toBe('sign-in/half-required');
  });

  it('wants a proof of the last fifteen minutes for each change, and says what would do', async () => {
    const ada = await identity.register();
    const holder = ada.holder;
    identity.harness.clock.setOffset(15 * MINUTE_MS);
    const begin = () => identity.security.beginAuthenticator({ holder, name: 'Phone', issuer: 'x' }, context());
    const origin = 'https://id.example.com';
    /** Each method of the service: a new one says here whether it wants a proof. What is wrong besides is not looked at. */
    const methods: Record<keyof proto.Security, 'open' | (() => Promise<unknown>)> = {
      getSecurity: 'open',
      proveSession: 'open',
      askPasskeyProof: 'open',
      renameFactor: 'open',
      cancelAddressChange: 'open',
      beginAuthenticator: begin,
      confirmAuthenticator: () =>
        identity.security.confirmAuthenticator({ holder, factorId: randomUUID(), code: '000000' }, context()),
      beginPasskey: () => identity.security.beginPasskey({ holder, origin }, context()),
      addPasskey: () => identity.security.addPasskey({ holder, origin, name: 'Key', passkey: '{}' }, context()),
      removeFactor: () => identity.security.removeFactor({ holder, factorId: randomUUID() }, context()),
      issueRecoveryCodes: () => identity.security.issueRecoveryCodes({ holder }, context()),
      changePassword: () =>
        identity.security.changePassword({ holder, current: 'wrong', password: NEW_PASSWORD }, context()),
      setMultiFactor: () => identity.security.setMultiFactor({ holder, enabled: true }, context()),
      requestAddressChange: () =>
        identity.security.requestAddressChange({ holder, email: 'ada@example.org' }, context()),
    };
    for (const change of Object.values(methods).filter((method) => method !== 'open'))
      await expect(change()).rejects.toMatchObject({
        code: 'session/proof-required',
        facts: { accepts: ['password'], withinSeconds: 900 },
      });
    expect(
      await code(identity.security.proveSession({ holder, proof: { password: 'not this one at all' } }, context())),
    ).toBe('factor/refused');
    const { sessionToken } = await identity.security.proveSession({ holder, proof: { password: PASSWORD } }, context());
    expect(await identity.outcomes(ada.token, sessionToken)).toEqual(['ended', 'good']);
    expect(await code(begin())).toBe('done');
  });

  it('is proved anew by what signing in asks: with a second factor no password alone, and five wrong ones end the session', async () => {
    const ada = await identity.register();
    const { secret, codes } = await identity.addAuthenticator(ada);
    const { holder } = ada;
    const prove = (proof: object) => code(identity.security.proveSession({ holder, proof }, context()));
    expect(await prove({ password: PASSWORD })).toBe('factor/refused');
    expect(await prove({ recoveryCode: codes[0] })).toBe('factor/refused');
    expect(await prove({ password: PASSWORD, totp: identity.totp(secret) })).toBe('done');
    for (let i = 0; i < 5; i++) expect(await prove({ password: 'another password here' })).toBe('factor/refused');
    expect(await identity.outcomes(ada.token)).toEqual(['ended']);
    expect(await prove({ password: PASSWORD, totp: identity.totp(secret, 1) })).toMatch(
      /session\/required|request\/rate-limited/,
    );
  });

  it('ends a session by five wrong passwords that a change asks for; by first codes of an authenticator, whose clock may go wrong, only that one', async () => {
    const ada = await identity.register();
    const { holder } = ada;
    const { factorId } = await identity.security.beginAuthenticator({ holder, name: 'Phone', issuer: 'x' }, context());
    const confirm = () => code(identity.security.confirmAuthenticator({ holder, factorId, code: 'none' }, context()));
    for (let i = 0; i < 5; i++) expect(await confirm()).toBe('factor/refused');
    expect([await confirm(), await identity.outcomes(ada.token)]).toEqual(['request/rate-limited', ['good']]);
    const change = () =>
      code(identity.security.changePassword({ holder, current: 'none', password: NEW_PASSWORD }, context()));
    for (let i = 0; i < 5; i++) expect(await change()).toBe('sign-in/failed');
    expect([await change(), await identity.outcomes(ada.token)]).toEqual(['session/required', ['ended']]);
  });

  it('changes the password: other sessions end, this one has a new token, and the old one opens nothing', async () => {
    const ada = await identity.register();
    const other = (await identity.signIn(ada.email)).signedIn?.sessionToken ?? '';
    const { holder } = ada;
    const change = (current: string, password: string) =>
      identity.security.changePassword({ holder, current, password }, context());
    expect(await code(change('not this one at all', NEW_PASSWORD))).toBe('sign-in/failed');
    expect(await code(change(PASSWORD, 'short'))).toBe('request/invalid');
    const { sessionToken } = await change(PASSWORD, NEW_PASSWORD);
    expect(await identity.outcomes(ada.token, other, sessionToken)).toEqual(['ended', 'ended', 'good']);
    expect(await code(identity.signIn(ada.email, PASSWORD))).toBe('sign-in/failed');
    expect(await code(identity.signIn(ada.email, NEW_PASSWORD))).toBe('done');
  });

  it('begins no session by a password that was changed meanwhile', async () => {
    const ada = await identity.register();
    const { holder } = ada;
    const [changed, ...sessions] = await Promise.all([
      identity.security.changePassword({ holder, current: PASSWORD, password: NEW_PASSWORD }, context()),
      ...Array.from({ length: 12 }, () => identity.signIn(ada.email).catch(() => undefined)),
    ]);
    const begun = sessions.flatMap((step) => step?.signedIn?.sessionToken ?? []);
    expect(await identity.outcomes(changed.sessionToken)).toEqual(['good']);
    expect(new Set(await identity.outcomes(...begun))).toEqual(new Set(begun.length > 0 ? ['ended'] : []));
  });

  it('stays on while it is the last factor, and goes off with a password that can stand alone', async () => {
    const ada = await identity.register();
    const { factorId } = await identity.addAuthenticator(ada);
    const { holder } = ada;
    expect(await code(identity.security.removeFactor({ holder, factorId }, context()))).toBe('factor/last');
    expect(await code(identity.security.removeFactor({ holder, factorId: randomUUID() }, context()))).toBe(
      'factor/unknown',
    );
    expect(
      await code(identity.security.changePassword({ holder, current: PASSWORD, password: 'kürzer8!' }, context())),
    ).toBe('done');
    expect(await code(identity.security.setMultiFactor({ holder, enabled: false }, context()))).toBe(
      'password/too-short-alone',
    );
    await identity.security.changePassword({ holder, current: 'kürzer8!', password: NEW_PASSWORD }, context());
    await identity.security.setMultiFactor({ holder, enabled: false }, context());
    expect(await view(ada)).toMatchObject({ multiFactor: false, codesLeft: 0, factors: [{ factorId }] });
    expect((await identity.signIn(ada.email, NEW_PASSWORD)).signedIn).not.toBeNull();
    const { codes } = await identity.security.setMultiFactor({ holder, enabled: true }, context());
    expect(codes).toHaveLength(10);
    expect(await code(identity.security.removeFactor({ holder, factorId }, context()))).toBe('factor/last');
  });

  it('goes on only where this session has seen a factor at work: who cannot use it would be locked out', async () => {
    const ada = await identity.register();
    const { secret } = await identity.addAuthenticator(ada);
    await identity.security.setMultiFactor({ holder: ada.holder, enabled: false }, context());
    const { signedIn } = await identity.signIn(ada.email);
    const holder = { accountId: ada.accountId, sessionId: signedIn?.session?.sessionId ?? '' };
    const turnOn = () => identity.security.setMultiFactor({ holder, enabled: true }, context());
    await expect(turnOn()).rejects.toMatchObject({
      code: 'session/proof-required',
      facts: { accepts: ['password', 'totp'] },
    });
    await identity.security.proveSession(
      { holder, proof: { password: PASSWORD, totp: identity.totp(secret, 1) } },
      context(),
    );
    expect((await turnOn()).codes).toHaveLength(10);
  });

  it('has five authenticators at most, each with a name of its own, of nobody else', async () => {
    const [ada, eve] = [await identity.register(), await identity.register()];
    const made = [];
    for (let i = 0; i < 5; i++) made.push(await identity.addAuthenticator(ada));
    expect(made.slice(1).map(({ codes }) => codes)).toEqual([[], [], [], []]);
    await expect(identity.addAuthenticator(ada)).rejects.toMatchObject({ code: 'factor/too-many' });
    const factorId = made[0]?.factorId ?? '';
    for (const call of [
      identity.security.renameFactor({ holder: eve.holder, factorId, name: 'Mine' }, context()),
      identity.security.removeFactor({ holder: eve.holder, factorId }, context()),
      identity.security.confirmAuthenticator({ holder: eve.holder, factorId, code: '000000' }, context()),
    ])
      expect(await code(call)).toBe('factor/unknown');
    expect(
      await identity.security.renameFactor({ holder: ada.holder, factorId, name: 'Old phone' }, context()),
    ).toMatchObject({ name: 'Old phone', kind: 'authenticator' });
  });

  it('lets nobody else try from a device that its holder has used, whatever strangers do', async () => {
    const ada = await identity.register();
    const home = randomUUID();
    const device = (await identity.signIn(ada.email, PASSWORD, visit(home))).signedIn?.deviceToken ?? '';
    // A hundred wrong ones from everywhere: passwords are off for unknown devices.
    identity.harness.clock.setOffset(0);
    for (let i = 0; i < 130; i++) {
      identity.harness.clock.setOffset((i + 1) * 61_000);
      await identity.signIn(ada.email, 'another password here', visit(randomUUID())).catch(() => undefined);
    }
    expect(await code(identity.signIn(ada.email, PASSWORD, visit(randomUUID())))).toBe('request/rate-limited');
    for (let i = 0; i < 3; i++)
      expect(await code(identity.signIn(ada.email, PASSWORD, visit(home, device)))).toBe('done');
    const [{ count } = { count: 0 }] = await identity.rows<{ count: number }>(
      `SELECT count(*)::int AS count FROM events WHERE stream_id = 'login-' || $1 AND type = 'SignInsRefused'`,
      [ada.accountId],
    );
    expect(count).toBe(1);
  });

  it('has fifty sessions open at most: the oldest makes room', async () => {
    const ada = await identity.register();
    const tokens = [];
    for (let i = 0; i < 50; i++) tokens.push((await identity.signIn(ada.email)).signedIn?.sessionToken ?? '');
    expect(await identity.outcomes(ada.token, ...tokens)).toEqual(['ended', ...tokens.map(() => 'good')]);
    const { items } = await identity.sessions.listSessions({ accountId: ada.accountId }, context());
    expect(items[0]).toMatchObject({ device: 'Firefox on Linux', network: '203.0.113.0/24', methods: ['password'] });
  });

  it('begins every session of twenty right sign-ins at the same moment', async () => {
    const ada = await identity.register();
    const network = randomUUID();
    const done = await Promise.all(
      Array.from({ length: 20 }, () => code(identity.signIn(ada.email, PASSWORD, visit(network)))),
    );
    expect(done).toEqual(Array(20).fill('done'));
  });
});
