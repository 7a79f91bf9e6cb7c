import { randomBytes, randomUUID } from 'node:crypto';
import { handle, PostgresEventStore, PostgresPersonKeys } from '#event-sourcing';
import { migrate, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import { account } from './account.decider.ts';
import { accounts } from './accounts.projection.ts';
import type { IdentityConfig } from '../config.ts';
import { AddressBook } from '../email-address/address-book.ts';
import { KeptDigests } from './kept-digests.ts';

const [OLD, NEW, masterKey] = [32, 32, 32].map((length) => randomBytes(length).toString('base64url'));

describe('the key for digests at the start of identity', () => {
  let database: TestDatabase;
  let keys: TestDatabase;
  beforeAll(async () => {
    [database, keys] = [await testDatabase(), await testDatabase()];
    await migrate(database.ownerUrl, stepsIn('apps/identity/migrations'));
    await migrate(keys.ownerUrl, stepsIn('apps/identity/migrations/person-keys'));
  });
  afterAll(() => Promise.all([database.drop(), keys.drop()]));

  function started(installationKey: string) {
    const personKeys = new PostgresPersonKeys(keys.pool, Buffer.from(masterKey ?? '', 'base64url'));
    const store = new PostgresEventStore(database.pool, { personKeys, inline: [accounts], shape: 'one' });
    const addresses = new AddressBook(database.pool, { installationKey, masterKey } as IdentityConfig);
    return { store, addresses, guard: new KeptDigests(database.pool, store, addresses) };
  }

  it('may be any where nobody has an account yet', async () => {
    await expect(started(NEW ?? '').guard.onApplicationBootstrap()).resolves.toBeUndefined();
  });

  it('must be the one that accounts were made with, also beside newer keys', async () => {
    const { store, addresses } = started(OLD ?? '');
    const email = 'ada@example.com';
    await handle(
      store,
      account,
      randomUUID(),
      {
        type: 'RegisterAccount',
        emailDigest: addresses.emailDigest(email),
        email,
        name: 'Ada',
        passwordHash: 'a hash',
        organizationId: randomUUID(),
        projectId: randomUUID(),
        at: new Date().toISOString(),
      },
      { at: new Date(), correlationId: randomUUID(), actor: 'service:test' },
    );
    for (const good of [OLD, `digests:${OLD},${NEW}`, `${OLD},links:${NEW}`])
      await expect(started(good ?? '').guard.onApplicationBootstrap()).resolves.toBeUndefined();
    for (const bad of [NEW, `digests:${NEW},${OLD}`])
      await expect(started(bad ?? '').guard.onApplicationBootstrap()).rejects.toThrow(
        /INSTALLATION_KEY: its key for digests is not the one/,
      );
  });
});
