import { randomBytes, randomUUID } from 'node:crypto';
import type { identity as proto } from '#contracts';
import { type CallContext, Problem } from '#platform';
import { type Ceremony, type Lies, SecurityKey, serviceHarness, type ServiceHarness } from '#testing';
import { identity } from '../identity.module.ts';
import { userHandleOf } from './passkey.ts';

const PASSWORD = 'a long walk in the rain';
const ORIGIN = 'https://rollcall.example';
const HOUR_MS = 3_600_000;
const context = (): CallContext => ({ correlationId: randomUUID(), actor: 'service:test' });
const visit = (network: string = randomUUID()): proto.Visit => ({
  network,
  device: 'Firefox on Linux',
  shownNetwork: '203.0.113.0/24',
});
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) =>
      error instanceof Problem
        ? error.facts['unknownCredential'] === true
          ? `${error.code}, unknown`
          : error.code
        : String(error),
  );

/** Somebody with an account, signed in. */
interface Person {
  readonly holder: proto.Holder;
  readonly email: string;
}

describe('passkeys', () => {
  let harness: ServiceHarness;
  const signIns = () => harness.peer('gateway').of('identity', 'SignIns');
  const security = () => harness.peer('gateway').of('identity', 'Security');
  const rows = async <R extends object>(text: string, values: unknown[] = []) =>
    (await harness.database('identity').pool.query<R>(text, values)).rows;

  const person = async (): Promise<Person> => {
    const email = `${randomUUID()}@example.com`;
    const signUps = harness.peer('gateway').of('identity', 'SignUps');
    await signUps.requestSignUp({ email, network: randomUUID() }, context());
    const [last] = await rows<{ id: string }>(
      `SELECT substr(stream_id, 9) AS id FROM events WHERE type = 'SignUpRequested' ORDER BY txid DESC, pos DESC LIMIT 1`,
    );
    const mailer = harness.peer('mailer').of('identity', 'SignUps');
    const { token = '' } = await mailer.addressSignUp({ signUpId: last?.id ?? '' }, context());
    const made = await signUps.verifySignUp({ token: token ?? '', name: 'Ada', password: PASSWORD }, context());
    return { email, holder: { accountId: made.account?.accountId ?? '', sessionId: made.session?.sessionId ?? '' } };
  };

  const ceremony = ({ options }: proto.PasskeyOptions, accountId: string): Ceremony => ({
    challenge: (JSON.parse(options) as { challenge: string }).challenge,
    origin: ORIGIN,
    rpId: 'rollcall.example',
    userHandle: userHandleOf(accountId),
  });
  const add = async ({ holder }: Person, key: SecurityKey, lies?: Lies) => {
    const asked = await security().beginPasskey({ holder, origin: ORIGIN }, context());
    const passkey = key.register(ceremony(asked, holder.accountId), lies);
    return security().addPasskey({ holder, origin: ORIGIN, name: 'Phone', passkey }, context());
  };
  const withKey = async (key: SecurityKey) => {
    const somebody = await person();
    const { factor } = await add(somebody, key);
    return { ...somebody, factorId: factor?.factorId ?? '' };
  };
  const asserted = async ({ holder }: Person, key: SecurityKey, lies?: Lies) =>
    key.assert(ceremony(await signIns().askPasskey({ origin: ORIGIN }, context()), holder.accountId), lies);
  const signIn = (passkey: string, network?: string) =>
    signIns().signInByPasskey({ passkey, origin: ORIGIN, visit: visit(network) }, context());

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

  it('are added by who has proved it lately, shown, and switch nothing on', async () => {
    const ada = await person();
    const added = await add(ada, new SecurityKey());
    expect(added.factor).toMatchObject({ kind: 'passkey', name: 'Phone', backedUp: false });
    expect(added.sessionToken).not.toBe('');
    expect(added.security).toMatchObject({ multiFactor: false, proofAccepts: ['passkey', 'password'] });
    harness.clock.setOffset(HOUR_MS);
    expect(await outcome(add(ada, new SecurityKey()))).toBe('session/proof-required');
  });

  it('belong to one account', async () => {
    const key = new SecurityKey();
    await withKey(key);
    expect(await outcome(add(await person(), key))).toBe('factor/already-registered');
  });

  it('are no more than ten', async () => {
    const ada = await person();
    for (let count = 0; count < 10; count++) await add(ada, new SecurityKey('EdDSA'));
    expect(await outcome(add(ada, new SecurityKey()))).toBe('factor/too-many');
  });

  it('are not added by an answer that is wrong, was used, or was asked for by another session', async () => {
    const [ada, eve] = [await person(), await person()];
    expect(await outcome(add(ada, new SecurityKey(), { flip: 4 }))).toBe('factor/refused');
    const asked = await security().beginPasskey({ holder: ada.holder, origin: ORIGIN }, context());
    const register = () => new SecurityKey().register(ceremony(asked, ada.holder.accountId));
    const addTo = ({ holder }: Person) =>
      outcome(security().addPasskey({ holder, origin: ORIGIN, name: 'Phone', passkey: register() }, context()));
    expect([await addTo(eve), await addTo(ada), await addTo(ada)]).toEqual([
      'factor/refused',
      'done',
      'factor/refused',
    ]);
  });

  it('sign their holder in by themselves, also where a second factor is asked for', async () => {
    const key = new SecurityKey('EdDSA', true);
    const ada = await withKey(key);
    await security().setMultiFactor({ holder: ada.holder, enabled: true }, context());
    const { signedIn } = await signIn(await asserted(ada, key));
    expect(signedIn).toMatchObject({ account: { accountId: ada.holder.accountId }, session: { methods: ['passkey'] } });
    const view = await security()
      .getSecurity({ holder: ada.holder }, context())
      .catch(() => undefined);
    expect(view?.factors[0]?.lastUsedAt).toBeDefined();
  });

  it('open one thing by one answer, however many show it at once', async () => {
    const key = new SecurityKey();
    const ada = await withKey(key);
    const answer = await asserted(ada, key);
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => outcome(signIn(answer))));
    expect(outcomes.filter((each) => each === 'done')).toHaveLength(1);
    expect(outcomes.filter((each) => each === 'factor/refused')).toHaveLength(11);
  });

  it('prove a session anew, and an answer for one is none for the other', async () => {
    const key = new SecurityKey();
    const ada = await withKey(key);
    const prove = (passkey: string) =>
      outcome(security().proveSession({ holder: ada.holder, proof: { passkey, origin: ORIGIN } }, context()));
    const forProof = await security().askPasskeyProof({ holder: ada.holder, origin: ORIGIN }, context());
    expect(JSON.parse(forProof.options)).toMatchObject({
      allowCredentials: [{ id: key.credentialId.toString('base64url') }],
    });
    const proof = key.assert(ceremony(forProof, ada.holder.accountId));
    expect(await prove(await asserted(ada, key))).toBe('factor/refused');
    expect(await outcome(signIn(proof))).toBe('factor/refused');
    expect([await prove(proof), await prove(proof)]).toEqual(['done', 'factor/refused']);
  });

  it('stand beside a password, for the sign-in that asked', async () => {
    const key = new SecurityKey();
    const ada = await withKey(key);
    await security().setMultiFactor({ holder: ada.holder, enabled: true }, context());
    const begin = async () => {
      const { half } = await signIns().signIn({ email: ada.email, password: PASSWORD, visit: visit() }, context());
      return half?.halfToken ?? '';
    };
    const [halfToken, other] = [await begin(), await begin()];
    const asked = await signIns().askPasskey({ origin: ORIGIN, halfToken }, context());
    const passkey = key.assert(ceremony(asked, ada.holder.accountId), { inner: { userHandle: null } });
    const prove = (token: string, proof: proto.Proof) =>
      signIns().proveHalf({ halfToken: token, proof, visit: visit() }, context());
    expect(await outcome(prove(other, { passkey, origin: ORIGIN }))).toBe('factor/refused');
    expect(await outcome(prove(halfToken, { passkey, origin: 'https://evil.example' }))).toBe('factor/refused');
    expect((await prove(halfToken, { passkey, origin: ORIGIN })).signedIn?.session?.methods).toEqual([
      'password',
      'passkey',
    ]);
  });

  it('that count back are copies: refused, and told to their holder', async () => {
    const key = new SecurityKey('ES256', true);
    const ada = await withKey(key);
    expect(await outcome(signIn(await asserted(ada, key, { counter: 9 })))).toBe('done');
    expect(await outcome(signIn(await asserted(ada, key, { counter: 9 })))).toBe('factor/refused');
    const told = await rows('SELECT data FROM events WHERE stream_id = $1 AND type = $2', [
      `account-${ada.holder.accountId}`,
      'PasskeyCloned',
    ]);
    expect(told).toEqual([{ data: { factorId: ada.factorId } }]);
    expect(await outcome(signIn(await asserted(ada, key, { counter: 10 })))).toBe('done');
  });

  it('are no copies because an answer is sent again', async () => {
    const key = new SecurityKey('EdDSA', true);
    const ada = await withKey(key);
    const answer = await asserted(ada, key);
    const outcomes = [await outcome(signIn(answer)), await outcome(signIn(answer)), await outcome(signIn(answer))];
    expect(outcomes).toEqual(['done', 'factor/refused', 'factor/refused']);
    const forged = await asserted(ada, key, { counter: 1 });
    for (let time = 0; time < 3; time++) expect(await outcome(signIn(forged))).toBe('factor/refused');
    const told = await rows(`SELECT FROM events WHERE stream_id = $1 AND type = 'PasskeyCloned'`, [
      `account-${ada.holder.accountId}`,
    ]);
    expect(told).toHaveLength(1);
  });

  it('that nobody has are told apart from those that do not fit, for the browser to forget them', async () => {
    const key = new SecurityKey();
    const ada = await withKey(key);
    const network = randomUUID();
    expect(await outcome(signIn(await asserted(ada, new SecurityKey()), network))).toBe('factor/refused, unknown');
    expect(await outcome(signIn(await asserted(ada, key, { flip: 4 }), network))).toBe('factor/refused');
    expect(await outcome(signIn('{}', network))).toBe('factor/refused');
    await security().removeFactor({ holder: ada.holder, factorId: ada.factorId }, context());
    expect(await outcome(signIn(await asserted(ada, key), network))).toBe('factor/refused, unknown');
    // Removed, it may be registered anew.
    expect(await outcome(add(ada, key))).toBe('done');
  });

  it("are judged a few times an hour for who shows wrong ones, and another's right one is none the worse", async () => {
    const key = new SecurityKey();
    const [ada, network] = [await withKey(key), randomUUID()];
    const wrong = await Promise.all(
      Array.from({ length: 60 }, async () => outcome(signIn(await asserted(ada, key, { flip: 4 }), network))),
    );
    expect(wrong.filter((each) => each === 'factor/refused')).toHaveLength(50);
    expect(wrong.filter((each) => each === 'request/rate-limited')).toHaveLength(10);
    expect(await outcome(signIn(await asserted(ada, key)))).toBe('done');
  });

  it('are none at an address without a host name', async () => {
    const { holder } = await person();
    const origin = 'http://127.0.0.1:8080';
    for (const asked of [
      () => signIns().askPasskey({ origin }, context()),
      () => security().beginPasskey({ holder, origin }, context()),
      () => security().askPasskeyProof({ holder, origin }, context()),
    ])
      expect(await outcome(asked())).toBe('factor/passkeys-unavailable');
  });
});
