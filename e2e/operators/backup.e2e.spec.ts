import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '#contracts';
import { eventually, PASSWORD, Product, type SignedUp } from '#testing';
import pg from 'pg';
import type { Manifest } from '../../apps/ops/src/backup-folder.ts';
import { readPart } from '../../apps/ops/src/sealed-part.ts';

describe('rollcall backup and restore', () => {
  const sealing = randomBytes(32);
  let product: Product;
  let ada: SignedUp;
  let wrapped: Buffer[] = [];
  const keys: Record<string, { key: { id: string }; secret: string }> = {};
  const backup = () => join(product.dataFolder, 'backup');
  const data = () => join(product.dataFolder, 'data');
  const manifest = () => JSON.parse(readFileSync(join(backup(), 'manifest.json'), 'utf8')) as Manifest;
  const authz = (name: string) =>
    product.visitor().get('/authz', { authorization: `Bearer ${keys[name]?.secret ?? ''}` });
  const revoke = async (name: string) => {
    expect((await ada.visitor.post(`/v1/keys/${keys[name]?.key.id ?? ''}/revoke`)).status).toBe(200);
  };

  async function asSuperuser<R extends object>(database: string, text: string): Promise<R[]> {
    const { postgresPassword } = JSON.parse(readFileSync(join(data(), 'secrets.json'), 'utf8')) as {
      postgresPassword: string;
    };
    const port = readFileSync(join(data(), 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3];
    const client = new pg.Client({
      connectionString: `postgres://postgres:${postgresPassword}@127.0.0.1:${port}/${database}`,
    });
    await client.connect();
    try {
      return (await client.query<R>(text)).rows;
    } finally {
      await client.end();
    }
  }

  beforeAll(async () => {
    product = await Product.start({ BACKUP_KEY: sealing.toString('base64url') });
    ada = await product.signUp('ada@example.com');
    for (const name of ['good', 'before', 'after'])
      keys[name] = (
        await eventually(
          () => ada.visitor.post('/v1/keys', { name, projectId: ada.projectId }),
          ({ status }) => status === 201,
        )
      ).body;
    await revoke('before');
    // So that samples of the keys stand in the statistics, too.
    await asSuperuser('person_keys', 'ANALYZE');
    wrapped = (
      await asSuperuser<{ wrapped: Buffer }>('person_keys', 'SELECT wrapped FROM person_keys WHERE wrapped IS NOT NULL')
    ).map((row) => row.wrapped);
  });
  afterAll(() => product.dispose());

  it('say what they would do, and do nothing', async () => {
    expect(await product.rollcall('backup', backup())).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/key_management +1 /) as string,
      stderr: expect.stringMatching(/encrypted[^]*Nothing was changed/) as string,
    });
    expect(existsSync(backup())).toBe(false);
  });

  it('copy all databases at one moment, each log marked as a copy while it is copied alone', async () => {
    expect(await product.rollcall('backup', backup(), '--apply', '--reason', 'nightly')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('to be kept for no more than 7 days') as string,
    });
    expect(readdirSync(backup()).sort()).toEqual(['base.tar.zst', 'manifest.json', 'person-keys.jsonl.zst']);
    expect(manifest()).toMatchObject({ reason: 'nightly', encrypted: true, personKeys: { rows: wrapped.length } });
    expect(manifest().logs.map(({ database }) => database)).toEqual([
      'identity',
      'inactivity_policy',
      'job_queue',
      'key_management',
      'mailer',
      'organization',
    ]);
    for (const { database } of manifest().logs)
      expect([database, await asSuperuser(database, 'SELECT FROM log_copy')]).toEqual([database, []]);
  });

  it('keep person keys in a file of their own, and nothing that can be read', async () => {
    expect(wrapped.length).toBeGreaterThan(0);
    const plain = async (part: 'base' | 'personKeys') => {
      const of = manifest()[part];
      if (!of) throw new Error('the backup has no such part');
      const pieces = await Array.fromAsync(readPart(backup(), of, { key: sealing, id: manifest().id }));
      return Buffer.concat(pieces);
    };
    const [base, own] = [await plain('base'), await plain('personKeys')];
    for (const key of wrapped) {
      expect(own.includes(key.toString('hex'))).toBe(true);
      expect(base.includes(key)).toBe(false);
    }
    expect(base.includes('KeyRevoked')).toBe(true);
    expect(readFileSync(join(backup(), 'base.tar.zst')).includes('KeyRevoked')).toBe(false);
  });

  it('refuse a second one into the same folder, and to restore under a running server', async () => {
    expect((await product.rollcall('backup', backup())).code).toBe(4);
    expect(await product.rollcall('restore', backup(), '--apply', '--reason', 'a test')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('stop Rollcall first') as string,
    });
  });

  it('restore nothing that was changed, and say what would be lost', async () => {
    await revoke('after');
    expect((await authz('after')).status).toBe(401);
    await product.end();
    const damaged = join(product.dataFolder, 'damaged');
    mkdirSync(damaged);
    for (const file of readdirSync(backup())) copyFileSync(join(backup(), file), join(damaged, file));
    const bytes = readFileSync(join(damaged, 'base.tar.zst'));
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    writeFileSync(join(damaged, 'base.tar.zst'), bytes);
    expect((await product.rollcall('restore', damaged)).code).toBe(4);
    rmSync(join(damaged, 'manifest.json'));
    expect((await product.rollcall('restore', damaged)).code).toBe(3);
    expect(await product.rollcall('restore', backup())).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/MiB of its write-ahead log are newer[^]*whole[^]*Nothing was changed/) as string,
    });
  });

  it('put it back, moving aside what was there; and nobody is judged by it until an operator goes on with it', async () => {
    expect(await product.rollcall('restore', backup(), '--apply', '--reason', 'the disk is lost')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('marked as a copy') as string,
    });
    expect(readdirSync(data()).filter((name) => name.startsWith('postgres.before-'))).toHaveLength(1);
    expect(readFileSync(join(data(), 'restored.jsonl'), 'utf8')).toContain(manifest().id);
    // On another machine nobody else remembers: the mark alone tells.
    for (const name of readdirSync(data()).filter((each) => /^(witness|gateway-)/.test(each)))
      rmSync(join(data(), name), { recursive: true });
    await product.begin();
    for (const name of ['good', 'before', 'after']) expect(await authz(name)).toMatchObject({ status: 503 });
    await eventually(
      () => authz('after'),
      ({ body }) => body.code === 'log/unproven' && /rollcall log reopen/.test(body.detail as string),
    );
    const plan = await product.rollcall('log', 'reopen', 'identity');
    expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining('a copy that a backup made') as string });
    expect((await product.rollcall('backup', join(product.dataFolder, 'another'))).code).toBe(4);
    expect((await authz('after')).status).toBe(503);
  });

  it('go on by an operator alone: what was revoked before stays revoked, and its people are there', async () => {
    for (const service of SERVICES.filter((name) => name !== 'gateway'))
      expect(await product.rollcall('log', 'reopen', service, '--apply', '--reason', 'the disk is lost')).toMatchObject(
        { code: 0 },
      );
    await eventually(
      () => authz('good'),
      ({ status }) => status === 200,
      60_000,
    );
    expect((await authz('before')).status).toBe(401);
    // Its revocation came after the copy: the page says to revoke it again.
    expect((await authz('after')).status).toBe(200);
    await eventually(
      () => product.visitor().post('/v1/sessions', { email: 'ada@example.com', password: PASSWORD }),
      ({ status }) => status === 201,
      30_000,
    );
    expect((await product.rollcall('backup', join(product.dataFolder, 'another'))).code).toBe(0);
  });
});
