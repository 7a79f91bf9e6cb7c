import { randomBytes, randomUUID } from 'node:crypto';
import { migrate, resealing, stepsIn } from '#platform';
import { testDatabase, type TestDatabase } from '#testing';
import type { OrganizationConfig } from '../config.ts';
import { ConnectionSecrets, sealedSecrets } from './connection-secrets.ts';

const key = () => randomBytes(32).toString('base64url');
const config = (...ring: string[]) => ({ installationKey: ring.join(',') }) as OrganizationConfig;

describe('secrets of connections', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    await migrate(database.ownerUrl, stepsIn('apps/organization/migrations'), database.url);
  });
  afterAll(() => database.drop());

  it('are sealed again by the newer key of a ring, so that the older one can be taken out', async () => {
    const [older, newer, connectionId] = [key(), key(), randomUUID()];
    const of = (...ring: string[]) => new ConnectionSecrets(config(...ring));
    const secrets = { clientSecret: 'a secret of the client' };
    await of(older).keep(database.pool, connectionId, 1, secrets);
    expect(await of(newer, older).open(database.pool, connectionId, 1)).toEqual(secrets);
    await expect(of(newer).open(database.pool, connectionId, 1)).rejects.toThrow();
    const { work } = resealing(sealedSecrets(config(newer, older)));
    expect(await work(database.pool, new Date(), 10)).toBe(1);
    expect(await work(database.pool, new Date(), 10)).toBe(0);
    expect(await of(newer).open(database.pool, connectionId, 1)).toEqual(secrets);
  });
});
