import { randomBytes, randomUUID } from 'node:crypto';
import type { identity as proto } from '#contracts';
import { problemOf } from '#platform';
import { SecurityKey } from '#testing';
import { userHandleOf } from './factor/passkey.ts';
import { code, context, identityHarness, type IdentityHarness, PASSWORD, visit } from './identity.fixture.ts';

const ORIGIN = 'https://rollcall.example';

/** What nobody may read who reads logs, facts, errors or tables. */
describe('what people keep to themselves', () => {
  let identity: IdentityHarness;
  const said: string[] = [];
  const secrets = new Set<string>();
  /** Remembers a secret, and hands it on. */
  const secret = <T extends string | null | undefined>(value: T): string => {
    if (value) secrets.add(value);
    return value ?? '';
  };
  const canary = (what: string) => secret(`canary-${what}-${randomBytes(9).toString('hex')}`);
  /** What a call is refused by, with all that is said about it. */
  const refused = async (call: Promise<unknown>) => {
    const error: unknown = await call.then(
      () => {
        throw new Error('it was not refused');
      },
      (reason: unknown) => reason,
    );
    said.push(JSON.stringify([String(error), problemOf(error)?.facts]));
  };

  beforeAll(async () => {
    identity = await identityHarness({ log: (line) => said.push(line) });
  });
  afterAll(() => identity.stop());

  it('is in no log line, fact, error or table, whatever they do', async () => {
    const [email, newEmail] = [`${canary('email')}@example.com`, `${canary('new-email')}@example.com`];
    const [password, other] = [canary('password'), canary('other-password')];
    const from = { ...visit(), device: canary('device'), shownNetwork: canary('network'), network: canary('ip') };
    const ada = await identity.register(email);
    const { holder, accountId } = ada;
    const signIn = (typed: string) => identity.signIns.signIn({ email, password: typed, visit: from }, context());
    const changed = async (call: Promise<proto.SecurityChanged>) => {
      const done = await call;
      secret(done.sessionToken);
      for (const each of done.codes) secret(each);
      return done;
    };

    secret(ada.token);
    await refused(signIn(canary('wrong-password')));
    await refused(identity.signIns.signIn({ email: newEmail, password, visit: from }, context()));
    const { signedIn } = await signIn(PASSWORD);
    secret(signedIn?.sessionToken);
    secret(signedIn?.deviceToken);
    await changed(identity.security.changePassword({ holder, current: PASSWORD, password }, context()));
    await refused(identity.security.changePassword({ holder, current: other, password: 'short' }, context()));

    const name = canary('factor-name');
    const pending = await identity.security.beginAuthenticator({ holder, name, issuer: 'x' }, context());
    secret(pending.secret);
    const { factorId } = pending;
    await refused(identity.security.confirmAuthenticator({ holder, factorId, code: canary('code') }, context()));
    const totp = identity.totp(pending.secret, -1);
    const { codes } = await changed(
      identity.security.confirmAuthenticator({ holder, factorId, code: totp }, context()),
    );
    await identity.security.renameFactor({ holder, factorId, name: canary('renamed') }, context());

    const key = new SecurityKey();
    const ceremony = ({ options }: proto.PasskeyOptions) => ({
      challenge: secret((JSON.parse(options) as { challenge: string }).challenge),
      origin: ORIGIN,
      rpId: 'rollcall.example',
      userHandle: userHandleOf(accountId),
    });
    const registration = key.register(
      ceremony(await identity.security.beginPasskey({ holder, origin: ORIGIN }, context())),
    );
    secret((JSON.parse(registration) as { id: string }).id);
    await changed(
      identity.security.addPasskey(
        { holder, origin: ORIGIN, name: canary('key-name'), passkey: registration },
        context(),
      ),
    );
    const answer = key.assert(ceremony(await identity.signIns.askPasskey({ origin: ORIGIN }, context())));
    const byKey = { passkey: answer, origin: ORIGIN, visit: from };
    secret((await identity.signIns.signInByPasskey(byKey, context())).signedIn?.sessionToken);
    await refused(identity.signIns.signInByPasskey(byKey, context()));
    await refused(identity.signIns.signInByPasskey({ ...byKey, passkey: canary('passkey') }, context()));

    const { half } = await signIn(password);
    const halfToken = secret(half?.halfToken);
    await refused(identity.proveHalf(halfToken, { recoveryCode: canary('recovery-code') }));
    secret((await identity.proveHalf(halfToken, { recoveryCode: codes[0] ?? '' })).signedIn?.sessionToken);
    await changed(identity.security.issueRecoveryCodes({ holder }, context()));

    await identity.recoveries.wishForMail({ kind: 'reset', email, network: from.network }, context());
    await identity.recoveries.wishForMail({ kind: 'reset', email: canary('nobody'), network: from.network }, context());
    await refused(identity.recoveries.openLink({ kind: 'reset', token: canary('token') }, context()));
    const reset = secret((await identity.letter('reset', await linkOf(accountId))).token);
    const opened = await identity.recoveries.openLink({ kind: 'reset', token: reset }, context());
    secret(opened.halfToken);

    await identity.security.requestAddressChange({ holder, email: newEmail }, context());
    const confirm = secret((await identity.letter('address-confirm', accountId)).token);
    await identity.recoveries.confirmAddress({ token: confirm }, context());
    await identity.recoveries.undoAddress(
      { token: secret((await identity.letter('address-undo', accountId)).token) },
      context(),
    );
    await refused(signIn(password));

    const told = (
      await Promise.all(
        (['identity.accounts', 'identity.logins'] as const).map((topic) => identity.harness.told(topic)),
      )
    ).flat();
    expect(told.length).toBeGreaterThan(10);
    expect(said.length).toBeGreaterThan(10);
    const everything = [...said, ...told.map((fact) => JSON.stringify(fact))].join('\n');
    expect([...secrets].filter((each) => everything.includes(each))).toEqual([]);
    const tables = await identity.rows<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    for (const table of tables)
      expect([
        table.name,
        await identity.rows(
          `SELECT s FROM "${table.name}" t, unnest($1::text[]) AS s WHERE strpos(t::text, s) > 0 OR strpos(t::text, encode(s::bytea, 'hex')) > 0 OR strpos(t::text, '$argon2') > 0`,
          [[...secrets]],
        ),
      ]).toEqual([table.name, []]);
  });

  it('goes with their key: an erased person is a stranger to each flow, and nothing breaks', async () => {
    const ada = await identity.register();
    const { secret: shared } = await identity.addAuthenticator(ada);
    const { halfToken } = await identity.half(ada.email);
    await identity.recoveries.wishForMail({ kind: 'reset', email: ada.email, network: randomUUID() }, context());
    const linkId = await linkOf(ada.accountId);
    const { token } = await identity.letter('reset', linkId);
    const opened = await identity.recoveries.openLink({ kind: 'reset', token: token ?? '' }, context());
    await identity.security.requestAddressChange({ holder: ada.holder, email: 'ada@example.org' }, context());
    const confirm = (await identity.letter('address-confirm', ada.accountId)).token ?? '';
    await identity.erase(ada.accountId);
    const again = identity.harness.peer('gateway');
    const [signIns, recoveries] = [again.of('identity', 'SignIns'), again.of('identity', 'Recoveries')];
    expect(await code(signIns.signIn({ email: ada.email, password: PASSWORD, visit: visit() }, context()))).toBe(
      'sign-in/failed',
    );
    const proof = { totp: identity.totp(shared) };
    expect(await code(signIns.proveHalf({ halfToken, proof, visit: visit() }, context()))).toBe('factor/refused');
    for (const [letter, id] of [
      ['reset', linkId],
      ['address-confirm', ada.accountId],
    ] as const)
      expect(await identity.letter(letter, id)).toEqual({ name: '' });
    expect(await code(recoveries.openLink({ kind: 'reset', token: token ?? '' }, context()))).toBe('link/unknown');
    expect(await code(recoveries.confirmAddress({ token: confirm }, context()))).toBe('link/unknown');
    expect(
      await code(
        recoveries.completeHalf({ halfToken: opened.halfToken ?? '', password: PASSWORD, visit: visit() }, context()),
      ),
    ).toBe('sign-in/half-required');
    await recoveries.wishForMail({ kind: 'reset', email: ada.email, network: randomUUID() }, context());
    while ((await identity.rows('SELECT FROM mail_wishes')).length > 0);
    expect(await identity.links('reset', ada.accountId)).toEqual([linkId]);
    const security = again.of('identity', 'Security');
    expect(await security.getSecurity({ holder: ada.holder }, context())).toMatchObject({
      factors: [{ name: 'erased' }],
    });
    expect(await code(security.proveSession({ holder: ada.holder, proof }, context()))).toBe('factor/refused');
  });

  /** The link of a reset that was wished for. */
  async function linkOf(accountId: string): Promise<string> {
    for (const deadline = performance.now() + 60_000; performance.now() < deadline;) {
      const [id] = await identity.links('reset', accountId);
      if (id !== undefined) return id;
    }
    throw new Error('the link was not decided on in time');
  }
});
