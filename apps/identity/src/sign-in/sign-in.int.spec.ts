import { randomBytes, randomUUID } from 'node:crypto';
import { type Cause, handle, PostgresEventStore, PostgresPersonKeys, type Sql } from '#event-sourcing';
import { makeLogger, migrate, problemOf, SystemClock, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { hash } from 'argon2';
import type { Pool } from 'pg';
import { account } from '../account/account.decider.ts';
import { accounts } from '../account/accounts.projection.ts';
import type { IdentityConfig } from '../config.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { Passkeys } from '../factor/passkeys.service.ts';
import { Passwords } from '../password/password.ts';
import { Recoveries } from '../recovery/recoveries.service.ts';
import { sessions } from '../session/sessions.projection.ts';
import { visitOf } from '../session/devices.ts';
import { Proofs } from './proofs.service.ts';
import { SignIn } from './sign-in.service.ts';

const PASSWORD = 'a long walk in the rain';
const cause = (): Cause => ({ at: new Date(), correlationId: randomUUID(), actor: 'service:test' });

describe('signing in with a password', () => {
  let database: TestDatabase;
  let keys: TestDatabase;
  const asked: string[] = [];

  /** A pool that tells what it was asked. */
  const heard = ({ pool }: TestDatabase): Pool =>
    Object.create(pool, {
      query: {
        value: (...[statement, values]: Parameters<Sql['query']>) => {
          asked.push(typeof statement === 'string' ? statement : statement.text);
          return pool.query(statement as string, values);
        },
      },
    }) as Pool;

  const config = {
    installationKey: 'an installation',
    masterKey: randomBytes(32).toString('base64url'),
    signUpsPerNetworkAndHour: 20,
    mailsPerAddressAndHour: 5,
  } as IdentityConfig;
  const passwords = new Passwords(2);

  /** A process that has just started. */
  const started = () => {
    const pool = heard(database);
    const personKeys = new PostgresPersonKeys(heard(keys), Buffer.from(config.masterKey, 'base64url'));
    const store = new PostgresEventStore(pool, { personKeys, inline: [accounts, sessions], shape: 'one' });
    const addresses = new AddressBook(pool, config);
    const passkeys = new Passkeys(store, pool, config);
    const proofs = new Proofs(passwords, passkeys);
    const signing = new SignIn(
      store,
      pool,
      new SystemClock(),
      passwords,
      addresses,
      proofs,
      passkeys,
      config,
      makeLogger('silent'),
    );
    const recoveries = new Recoveries(store, pool, new SystemClock(), passwords, addresses, signing, config);
    return { store, addresses, signing, recoveries };
  };

  /** An account whose stream is long enough to be kept in memory. */
  const register = async ({ store, addresses }: ReturnType<typeof started>, email: string, passwordHash?: string) => {
    const accountId = randomUUID();
    await handle(
      store,
      account,
      accountId,
      {
        type: 'RegisterAccount',
        emailDigest: addresses.emailDigest(email),
        email,
        name: 'Ada',
        passwordHash: passwordHash ?? (await passwords.hash(PASSWORD)),
        organizationId: randomUUID(),
        projectId: randomUUID(),
        at: cause().at.toISOString(),
      },
      cause(),
    );
    for (let i = 0; i < 20; i++)
      await handle(store, account, accountId, { type: 'RenameAccount', name: `Ada ${i}` }, cause());
  };

  const signIn = ({ signing }: ReturnType<typeof started>, email: string, password: string) =>
    signing
      .withPassword(email, password, visitOf({ network: randomUUID(), device: '', shownNetwork: '' }), cause())
      .then(
        () => 'good',
        (error: unknown) => problemOf(error)?.code ?? error,
      );

  beforeEach(async () => {
    [database, keys] = [await testDatabase(), await testDatabase()];
    await migrate(database.ownerUrl, stepsIn('apps/identity/migrations'));
    await migrate(keys.ownerUrl, stepsIn('apps/identity/migrations/person-keys'));
  });
  afterEach(() => Promise.all([database.drop(), keys.drop()]));

  it('reads the same from the databases for a known address and for an unknown one, whoever was here before', async () => {
    const known = `${randomUUID()}@example.com`;
    const warm = started();
    await register(warm, known);
    const reads: string[][] = [];
    for (const [process, email] of [
      [warm, known],
      [warm, `${randomUUID()}@example.com`],
      [started(), known],
      [started(), `${randomUUID()}@example.org`],
    ] as const) {
      asked.splice(0);
      expect(await signIn(process, email, 'another password here')).toBe('sign-in/failed');
      reads.push(asked.splice(0));
    }
    expect(reads[0]?.filter((statement) => /FROM (events|person_keys)/.test(statement))).toHaveLength(2);
    for (const each of reads) expect(each).toEqual(reads[0]);
  });

  it('answers in a domain of which a provider judges alike for a known address and for an unknown one, after the same reads', async () => {
    const domain = `${randomUUID()}.example`;
    const [organizationId, connectionId] = [randomUUID(), randomUUID()];
    const known = `ada@${domain}`;
    const process = started();
    await register(process, known);
    await database.pool.query(
      `INSERT INTO sso_enforced (connection_id, organization_id, n, session_hours, guests) VALUES ($1, $2, 1, 24, 'allowed')`,
      [connectionId, organizationId],
    );
    await database.pool.query('INSERT INTO sso_domains (domain, organization_id, lapsed) VALUES ($1, $2, false)', [
      domain,
      organizationId,
    ]);
    const reads: string[][] = [];
    for (const email of [known, `nobody@${domain}`]) {
      asked.splice(0);
      expect(await signIn(process, email, 'another password here')).toBe('sign-in/single-sign-on');
      reads.push(asked.splice(0));
    }
    expect(reads[1]).toEqual(reads[0]);
  });

  it.each(['reset', 'reactivation'] as const)(
    'asks the database the same for a %s of a known address and of an unknown one',
    async (kind) => {
      const known = `${randomUUID()}@example.com`;
      const process = started();
      await register(process, known);
      const reads: string[][] = [];
      for (const email of [known, `${randomUUID()}@example.com`]) {
        asked.splice(0);
        await process.recoveries.wish(kind, email, randomUUID());
        reads.push(asked.splice(0));
      }
      expect(reads[0]?.filter((statement) => statement.includes('mail_wishes'))).toHaveLength(1);
      expect(reads[1]).toEqual(reads[0]);
    },
  );

  it('lets nobody in by the password of the account that is read in place of none', async () => {
    const known = `${randomUUID()}@example.com`;
    const process = started();
    await register(process, known);
    expect(await signIn(process, `${randomUUID()}@example.com`, PASSWORD)).toBe('sign-in/failed');
    expect(await signIn(process, known, PASSWORD)).toBe('good');
  });

  it('refuses everybody where there is no account', async () => {
    expect(await signIn(started(), `${randomUUID()}@example.com`, PASSWORD)).toBe('sign-in/failed');
  });

  it('keeps the digest of an older cost no longer than until the next right sign-in', async () => {
    const email = `${randomUUID()}@example.com`;
    const process = started();
    await register(process, email, await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1 }));
    expect(await signIn(process, email, 'another password here')).toBe('sign-in/failed');
    expect(await signIn(process, email, PASSWORD)).toBe('good');
    await process.signing.beforeApplicationShutdown();
    const rehashed = () => database.pool.query(`SELECT FROM events WHERE type = 'PasswordRehashed'`);
    expect((await rehashed()).rowCount).toBe(1);
    expect(await signIn(process, email, PASSWORD)).toBe('good');
    await process.signing.beforeApplicationShutdown();
    expect((await rehashed()).rowCount).toBe(1);
  });
});
