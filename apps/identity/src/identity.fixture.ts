import { randomBytes, randomUUID } from 'node:crypto';
import type { identity as proto } from '#contracts';
import { type CallContext, Problem } from '#platform';
import { type HarnessOptions, serviceHarness, type TestDatabase } from '#testing';
import { HOTP, Secret } from 'otpauth';
import { identity } from './identity.module.ts';

export const PASSWORD = 'a long walk in the rain';

/** Who asks from where. */
export const visit = (network: string = randomUUID(), deviceToken?: string): proto.Visit => ({
  network,
  ...(deviceToken === undefined ? {} : { deviceToken }),
  device: 'Firefox on Linux',
  shownNetwork: '203.0.113.0/24',
});
export const context = (): CallContext => ({
  correlationId: randomUUID(),
  actor: 'service:test',
  // What is judged here is what is answered, not how soon: hashes wait for each other on a busy machine.
  timeoutMs: 60_000,
});

/** What a refused call was refused by; `done` for one that was not. */
export const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

/** Somebody with an account and a session. */
export interface Person {
  readonly email: string;
  readonly accountId: string;
  readonly holder: proto.Holder;
  token: string;
}

/** Identity as its neighbours meet it, and what people do with it. */
export async function identityHarness(options: HarnessOptions = {}) {
  let personKeys: TestDatabase | undefined;
  const harness = await serviceHarness(
    [
      {
        service: identity,
        config: async (database) => {
          const keys = await database();
          personKeys = keys;
          return {
            personKeysDatabaseUrl: keys.url,
            ownerPersonKeysDatabaseUrl: keys.ownerUrl,
            masterKey: randomBytes(32).toString('base64url'),
            signUpsPerNetworkAndHour: 1_000_000,
          };
        },
      },
    ],
    {},
    options,
  );
  const peer = harness.peer('gateway');
  const [signUps, signIns, security, recoveries, sessions] = [
    peer.of('identity', 'SignUps'),
    peer.of('identity', 'SignIns'),
    peer.of('identity', 'Security'),
    peer.of('identity', 'Recoveries'),
    peer.of('identity', 'Sessions'),
  ];
  const rows = async <R extends object>(text: string, values: unknown[] = []) =>
    (await harness.database('identity').pool.query<R>(text, values)).rows;

  const person = (email: string, signedIn: proto.SignedIn): Person => {
    const accountId = signedIn.account?.accountId ?? '';
    const holder = { accountId, sessionId: signedIn.session?.sessionId ?? '' };
    return { email, accountId, holder, token: signedIn.sessionToken };
  };

  const known = {
    harness,
    signUps,
    signIns,
    security,
    recoveries,
    sessions,
    rows,

    async register(email = `${randomUUID()}@example.com`): Promise<Person> {
      await signUps.requestSignUp({ email, network: randomUUID() }, context());
      const [asked] = await rows<{ id: string }>(
        `SELECT substr(stream_id, 9) AS id FROM events WHERE type = 'SignUpRequested' ORDER BY txid DESC, pos DESC LIMIT 1`,
      );
      const { token } = await harness
        .peer('mailer')
        .of('identity', 'SignUps')
        .addressSignUp({ signUpId: asked?.id ?? '' }, context());
      return person(
        email,
        await signUps.verifySignUp({ token: token ?? '', name: 'Ada', password: PASSWORD, visit: visit() }, context()),
      );
    },

    signIn: (email: string, password = PASSWORD, from: proto.Visit = visit()) =>
      signIns.signIn({ email, password, visit: from }, context()),

    /** What the half session of a sign-in is asked for, with its secret. */
    async half(email: string, password = PASSWORD): Promise<proto.HalfSession & { halfToken: string }> {
      const { half } = await known.signIn(email, password);
      if (half?.halfToken == null) throw new Error('a session has begun');
      return { ...half, halfToken: half.halfToken };
    },

    proveHalf: (halfToken: string, proof: proto.Proof) =>
      signIns.proveHalf({ halfToken, proof, visit: visit() }, context()),

    /** The account has one authenticator more. */
    async addAuthenticator(who: Person) {
      const { factorId, secret, uri } = await security.beginAuthenticator(
        { holder: who.holder, name: 'Phone', issuer: 'id.example.com' },
        context(),
      );
      const confirmed = known.totp(secret, -1);
      const changed = await security.confirmAuthenticator({ holder: who.holder, factorId, code: confirmed }, context());
      who.token = changed.sessionToken;
      return { factorId, secret, uri, codes: changed.codes, confirmed };
    },

    /** An authenticator's code: of this half minute, or of one beside it. */
    totp: (secret: string, offset = 0) =>
      HOTP.generate({ secret: Secret.fromBase32(secret), counter: Math.floor(Date.now() / 30_000) + offset }),

    outcomes: async (...tokens: string[]) =>
      (
        await sessions.checkSessions(
          { checks: tokens.map((sessionToken) => ({ sessionToken, touch: false })) },
          context(),
        )
      ).verdicts.map(({ outcome }) => outcome),

    /** The token of the letter of an account, or of a link, when it was decided on. */
    async letter(purpose: string, id: string): Promise<proto.AddressMailResponse> {
      return harness.peer('mailer').of('identity', 'Recoveries').addressLetter({ purpose, id }, context());
    },

    /** The links of a kind that an account has asked for, the newest last. */
    async links(category: 'reset' | 'reactivation' | 'recovery', accountId: string): Promise<string[]> {
      const found = await rows<{ id: string }>(
        `SELECT substr(stream_id, length($1) + 2) AS id FROM events WHERE stream_id LIKE $1 || '-%' AND data->>'accountId' = $2 ORDER BY txid, pos`,
        [category, accountId],
      );
      return found.map(({ id }) => id);
    },

    /** Destroys a person's key, by which all that the log holds of them is gone; a key is remembered for a minute otherwise. */
    async erase(accountId: string): Promise<void> {
      await personKeys?.pool.query(
        'UPDATE person_keys SET wrapped = NULL, destroyed_at = clock_timestamp() WHERE person_id = $1',
        [accountId],
      );
      await harness.restart('identity');
    },

    person,
    stop: () => harness.stop(),
  };
  return known;
}

export type IdentityHarness = Awaited<ReturnType<typeof identityHarness>>;
