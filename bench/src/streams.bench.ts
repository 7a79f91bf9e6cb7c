import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type DomainEvent, fold, KeptStates, PostgresEventStore, PostgresPersonKeys } from '#event-sourcing';
import { eventually, PASSWORD, Product, type SignedUp } from '#testing';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { organization } from '../../apps/organization/src/organization/organization.decider.ts';
import type { OrganizationEvent } from '../../apps/organization/src/organization/vocabulary.decider.ts';
import { databaseUrl } from './product-database.ts';
import type { ResultRow, Run } from './result.ts';
import { median } from './rounds.ts';

const [MEMBERS, PROJECTS, SIGN_INS, RENAMES] = [5_000, 2_000, 10_000, 1_000];
const AT_ONCE = 500;
const TARGET = 1.3;
const MEMORY_MAX_MB = 60;

/** P14: a command and a sign-in where the streams are long, beside the same where they are empty; and what the kept states take. */
export const run: Run = async ({ rounds }) => {
  const product = await Product.start({ SIGN_UPS_PER_NETWORK_AND_HOUR: '10' });
  try {
    const [long, empty] = [await product.signUp('long@example.com'), await product.signUp('empty@example.com')];
    await stock(product, long);
    await eventually(
      () => long.visitor.get(`/v1/organizations/${long.organizationId}/projects?limit=1`),
      ({ status }) => status === 200,
    );
    const rows = [
      await beside(
        `ms until a project is made, ${MEMBERS} members and ${PROJECTS} projects, and none`,
        20 * rounds,
        (who) => makeProject(who),
        long,
        empty,
      ),
      await beside(
        `ms until signed in, ${SIGN_INS} sign-ins and ${RENAMES} renames before, and none`,
        5 * rounds,
        (who) => signIn(product, who === long ? 'long@example.com' : 'empty@example.com'),
        long,
        empty,
      ),
      memory(),
    ];
    return {
      setting: 'over HTTP, one at a time and in turns, the median; fsync on, load and all servers on the same cores',
      rows,
    };
  } finally {
    await product.dispose();
  }
};

/** Turn by turn, so that what the machine does meanwhile meets both. The first of each does not count. */
async function beside(
  against: string,
  times: number,
  work: (who: SignedUp) => Promise<boolean>,
  long: SignedUp,
  empty: SignedUp,
): Promise<ResultRow> {
  const took = new Map<SignedUp, number[]>([
    [long, []],
    [empty, []],
  ]);
  let wrongAnswers = 0;
  for (let turn = 0; turn <= times; turn++) {
    for (const [who, all] of took) {
      const from = performance.now();
      if (!(await work(who))) wrongAnswers++;
      if (turn > 0) all.push(performance.now() - from);
    }
  }
  const [ours = NaN, theirs = NaN] = [...took.values()].map((all) => Math.round(median(all) * 10) / 10);
  const value = Math.round((ours / theirs) * 100) / 100;
  return {
    id: 'P14',
    against: `${against}: ${ours} and ${theirs}`,
    value,
    target: `<= ${TARGET} x`,
    met: value <= TARGET && wrongAnswers === 0,
    wrongAnswers,
  };
}

const makeProject = async ({ visitor, organizationId }: SignedUp) =>
  (await visitor.post(`/v1/organizations/${organizationId}/projects`, { name: 'Chemistry' })).status === 201;

const signIn = async (product: Product, email: string) =>
  (await product.visitor().post('/v1/sessions', { email, password: PASSWORD })).status === 201;

/** Written to the logs as the services would. */
async function stock(product: Product, { organizationId, accountId }: SignedUp): Promise<void> {
  const { masterKey } = JSON.parse(readFileSync(join(product.dataFolder, 'data', 'secrets.json'), 'utf8')) as {
    masterKey: string;
  };
  const [organizations, identity, keys] = ['organization', 'identity', 'person_keys'].map(
    (name) => new Pool({ connectionString: databaseUrl(product, name), max: 1 }),
  ) as [Pool, Pool, Pool];
  for (const pool of [organizations, identity, keys]) pool.on('error', () => undefined);
  const store = new PostgresEventStore(identity, {
    personKeys: new PostgresPersonKeys(keys, Buffer.from(masterKey, 'base64url')),
  });
  try {
    await append(new PostgresEventStore(organizations), `organization-${organizationId}`, grown(accountId));
    await append(
      store,
      `login-${accountId}`,
      Array.from({ length: SIGN_INS }, () => ({
        type: 'LoginRecorded',
        data: { sessionId: uuid(), method: 'password', at: new Date().toISOString() },
      })),
    );
    await append(
      store,
      `account-${accountId}`,
      Array.from({ length: RENAMES }, (_, n) => ({ type: 'AccountRenamed', data: {}, personal: { name: `Ada ${n}` } })),
    );
  } finally {
    await Promise.all([organizations.end(), identity.end(), keys.end()]);
  }
}

async function append(store: PostgresEventStore, streamId: string, events: readonly DomainEvent[]): Promise<void> {
  let expectedVersion = (await store.readStream(streamId)).length;
  for (let from = 0; from < events.length; from += AT_ONCE) {
    const part = events.slice(from, from + AT_ONCE);
    expectedVersion = (
      await store.append({
        streamId,
        expectedVersion,
        events: part,
        cause: { at: new Date(), correlationId: 'bench', actor: 'service:bench' },
      })
    ).version;
  }
}

const grown = (ownerId: string): OrganizationEvent[] => [
  ...Array.from({ length: MEMBERS }, () => ({
    type: 'MemberJoined' as const,
    data: { accountId: uuid(), role: 'member' as const },
  })),
  ...Array.from({ length: PROJECTS }, () => ({
    type: 'ProjectCreated' as const,
    data: { projectId: uuid(), name: 'Chemistry', accountId: ownerId },
  })),
];

/** As many states of large organizations as are kept. */
function memory(): ResultRow {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const kept = new KeptStates();
  collect();
  const before = process.memoryUsage().heapUsed;
  const version = MEMBERS + PROJECTS + 1;
  let full = 0;
  for (let n = 0; kept.get(organization, 'organization-0') !== undefined || n === 0; n++) {
    const ownerId = uuid();
    const created: OrganizationEvent = { type: 'OrganizationCreated', data: { name: 'Acme', ownerId } };
    const state = fold(organization, [created, ...grown(ownerId)]);
    kept.put(organization, `organization-${n}`, { version, eventId: uuid(), state, personal: false });
    full = n;
  }
  collect();
  const value = Math.round((process.memoryUsage().heapUsed - before) / 2 ** 20);
  return {
    id: 'P14',
    against: `MB of all states that a process keeps: ${full} such organizations`,
    value,
    target: `<= ${MEMORY_MAX_MB}, capped`,
    met: value <= MEMORY_MAX_MB && kept.get(organization, `organization-${full}`) !== undefined,
    wrongAnswers: 0,
  };
}
