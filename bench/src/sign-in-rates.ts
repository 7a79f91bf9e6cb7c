import { generateKeyPairSync, sign, verify as verifySignature } from 'node:crypto';
import { join } from 'node:path';
import { type Answer, PASSWORD, Product, SecurityKey, type SignedUp, Visitor } from '#testing';
import { verify } from 'argon2';
import { Pool } from 'pg';
import { Passwords } from '../../apps/identity/src/password/password.ts';
import { processorMs, tree } from './processes.ts';
import { databaseUrl } from './product-database.ts';
import type { ResultRow } from './result.ts';
import { type Contender, rate, ratio, takeTurns, wrongAnswers } from './rounds.ts';
import { startServer } from './server-process.ts';
import { installPeers } from './verify-peers.ts';

const PEOPLE = 8;
/** Passwords that Rollcall compares at once, unless told (`PASSWORD_WORKERS`). */
const WORKERS = 2;
const WINDOW_MS = 3_000;

/** Who signs in: from a device that the account knows, and without a session, as on another day. */
interface Person extends SignedUp {
  readonly email: string;
  readonly key: SecurityKey;
}

/**
 * P5: sign-ins over HTTP, eight people at once, each again as soon as they are in; beside the least that their cryptography takes, and beside better-auth. All
 * on the same cores, in turns.
 */
export async function signInRates(rounds: number): Promise<{ setting: string; rows: ResultRow[]; note: string }> {
  const product = await Product.start({ LOG_LEVEL: 'warn', SIGN_UPS_PER_NETWORK_AND_HOUR: String(3 * PEOPLE) });
  const stops: (() => Promise<unknown>)[] = [() => product.dispose()];
  try {
    const by = await people(product);
    const digest = await new Passwords(WORKERS).hash(PASSWORD);
    const peers = {
      default: await peer(product, 'default', stops),
      argon2id: await peer(product, 'argon2id', stops, digest),
    };
    const password = metered(product, signingIn(product, by.password, withPassword));
    const contenders: Record<string, Contender> = {
      'password': password.contender,
      'second factor': signingIn(product, by.secondFactor, withSecondFactor),
      'passkey': signingIn(product, by.passkey, withPasskey),
      ...floors(digest),
      ...('missing' in peers.default ? {} : { default: peers.default.contender }),
      ...('missing' in peers.argon2id ? {} : { argon2id: peers.argon2id.contender }),
    };
    const seen = await takeTurns(contenders, rounds, WINDOW_MS);
    const row = (ours: string, theirs: string, against: string, least: number): ResultRow => {
      const [us = [], them = []] = [seen[ours], seen[theirs]];
      const measured = ratio(us, them);
      const wrong = wrongAnswers(us);
      return {
        id: 'P5',
        against,
        ours: rate(us),
        theirs: rate(them),
        ratio: measured,
        target: least > 0 ? `>= ${least}` : '-',
        met: measured.median >= least && wrong === 0,
        wrongAnswers: wrong,
      };
    };
    const beside = (name: 'default' | 'argon2id', against: string, least: number): ResultRow => {
      const found = peers[name];
      return 'missing' in found
        ? { id: 'P5', against, target: `>= ${least}`, met: false, wrongAnswers: 0, notMeasured: found.missing }
        : row('password', name, against, least);
    };
    return {
      setting: `sign-ins over HTTP, ${PEOPLE} people at once from devices that are known, ${WORKERS} workers for passwords, ${WINDOW_MS / 1000} s windows; client and all servers on the same cores`,
      rows: [
        row('password', 'argon2id alone', `password: argon2id of the same cost, ${WORKERS} at once`, 0.9),
        beside('default', 'password: better-auth, default (scrypt)', 6),
        beside('argon2id', 'password: better-auth, argon2id of the same cost', 1.2),
        row('second factor', 'argon2id and ES256', 'password, then passkey: argon2id and one signature verified', 0),
        row('passkey', 'ES256', 'passkey alone: one signature verified', 0),
        row('passkey', 'password', 'passkey alone: password alone', 1),
      ],
      note: password.spent(),
    };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/** Eight for each way in. Accounts with a second factor have it switched on. */
async function people(product: Product): Promise<Record<'password' | 'secondFactor' | 'passkey', Person[]>> {
  const made = async (way: string, prepare: (person: Person) => Promise<unknown>): Promise<Person[]> => {
    const found: Person[] = [];
    while (found.length < PEOPLE) {
      const email = `${way}-${found.length}@example.com`;
      const person = { ...(await product.signUp(email)), email, key: new SecurityKey() };
      await prepare(person);
      found.push(person);
    }
    return found;
  };
  const addKey = async ({ visitor, key, accountId }: Person) => {
    const asked = await visitor.post('/v1/account/passkeys/options');
    const response = JSON.parse(key.register(ceremony(product.origin, accountId, asked))) as object;
    expectStatus(await visitor.post('/v1/account/passkeys', { name: 'Key', response }), 201);
  };
  return {
    password: await made('password', () => Promise.resolve()),
    secondFactor: await made('second-factor', async (person) => {
      await addKey(person);
      expectStatus(await person.visitor.put('/v1/account/multi-factor', { enabled: true }), 200);
    }),
    passkey: await made('passkey', addKey),
  };
}

const withPassword = ({ email }: Person, visitor: Visitor) =>
  visitor.post('/v1/sessions', { email, password: PASSWORD });

async function withSecondFactor(person: Person, visitor: Visitor, origin: string): Promise<Answer> {
  expectStatus(await withPassword(person, visitor), 200);
  return shown(person, visitor, origin, '/v1/sessions/half/passkey');
}

const withPasskey = (person: Person, visitor: Visitor, origin: string) =>
  shown(person, visitor, origin, '/v1/sessions/passkey');

async function shown({ key, accountId }: Person, visitor: Visitor, origin: string, path: string): Promise<Answer> {
  const asked = await visitor.post(`${path}/options`);
  return visitor.post(path, { response: JSON.parse(key.assert(ceremony(origin, accountId, asked))) as object });
}

const ceremony = (origin: string, accountId: string, { body }: Answer) => ({
  challenge: (body as { challenge: string }).challenge,
  origin,
  rpId: 'localhost',
  userHandle: Buffer.from(accountId.replaceAll('-', ''), 'hex').toString('base64url'),
});

type Way = (person: Person, visitor: Visitor, origin: string) => Promise<Answer>;

/** Each arrives with the cookie of their device alone, again and again. */
function signingIn(product: Product, found: readonly Person[], way: Way): Contender {
  return loops(found.length, async (n) => {
    const person = found[n];
    if (!person) return false;
    const visitor = new Visitor(product.origin, false);
    for (const [name, value] of person.visitor.cookies) if (name.includes('-device')) visitor.cookies.set(name, value);
    return (await way(person, visitor, product.origin)).status === 201;
  });
}

/** So many at a time, as fast as they can. What has begun is waited for, and its time counts. */
const loops =
  (inFlight: number, once: (n: number) => Promise<boolean>): Contender =>
  async (windowMs) => {
    const from = performance.now();
    let [done, wrong] = [0, 0];
    await Promise.all(
      Array.from({ length: inFlight }, async (_, n) => {
        while (performance.now() - from < windowMs)
          if (await once(n)) done++;
          else wrong++;
      }),
    );
    return { perSecond: done / ((performance.now() - from) / 1_000), wrongAnswers: wrong };
  };

/** The least that each way takes: nothing but what its cryptography costs. */
function floors(digest: string): Record<'argon2id alone' | 'argon2id and ES256' | 'ES256', Contender> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const said = Buffer.alloc(69);
  const signature = sign('sha256', said, privateKey);
  const isSigned = () => verifySignature('sha256', said, publicKey, signature);
  return {
    'argon2id alone': loops(WORKERS, () => verify(digest, PASSWORD)),
    'argon2id and ES256': loops(WORKERS, async () => (await verify(digest, PASSWORD)) && isSigned()),
    'ES256': loops(1, () => Promise.resolve(isSigned())),
  };
}

/** better-auth on a database of the same PostgreSQL; with a digest it keeps that of every password, and compares as we do. */
async function peer(
  product: Product,
  name: 'default' | 'argon2id',
  stops: (() => Promise<unknown>)[],
  ...digest: readonly string[]
): Promise<{ readonly contender: Contender } | { readonly missing: string }> {
  const missing = installPeers();
  if (missing !== undefined) return { missing };
  try {
    const database = `better_auth_${name}`;
    const owner = new Pool({ connectionString: databaseUrl(product, 'postgres'), max: 1 });
    await owner.query(`CREATE DATABASE ${database}`).finally(() => owner.end());
    const server = await startServer<{ port: number; emails: string[] }>(
      join(process.cwd(), 'bench', 'peers', 'better-auth-sign-in.mjs'),
      [databaseUrl(product, database), String(PEOPLE), PASSWORD, ...digest],
    );
    stops.push(() => server.stop());
    const { said } = server;
    const origin = `http://localhost:${said.port}`;
    return {
      contender: loops(PEOPLE, async (n) => {
        const body = { email: said.emails[n], password: PASSWORD };
        const answer = await new Visitor(origin, false).post('/api/auth/sign-in/email', body, { origin });
        return answer.status === 200 && (answer.body as { user: { email: string } }).user.email === said.emails[n];
      }),
    };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

/** Counts what processor time goes where. */
function metered(product: Product, contender: Contender): { contender: Contender; spent: () => string } {
  const ms = { rollcall: 0, postgres: 0, client: 0 };
  let signedIn = 0;
  const now = () => ({
    rollcall: processorMs([product.pid]),
    postgres: processorMs(tree(product.pid).slice(1)),
    client: processorMs([process.pid]),
  });
  return {
    contender: async (windowMs) => {
      const [before, from] = [now(), performance.now()];
      const window = await contender(windowMs);
      const after = now();
      for (const who of Object.keys(ms) as (keyof typeof ms)[]) ms[who] += after[who] - before[who];
      signedIn += (window.perSecond * (performance.now() - from)) / 1_000;
      return window;
    },
    spent: () => {
      const each = (who: keyof typeof ms) => (ms[who] / signedIn).toFixed(1);
      return `processor time of one sign-in by password: ${each('rollcall')} ms in Rollcall's process (argon2id with it), ${each('postgres')} ms in PostgreSQL, ${each('client')} ms in the client of the benchmark`;
    },
  };
}

function expectStatus({ status, body }: Answer, wanted: number): void {
  if (status !== wanted) throw new Error(`expected ${wanted}, came ${status} ${JSON.stringify(body)}`);
}
