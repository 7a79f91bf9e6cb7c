import { chownSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateFiles, keepCertificates, startEmbeddedPostgres } from '#local-servers';
import { databaseUrl, makeLogger, migrate, openPool, readConfig, tlsConfig } from '#platform';

/** A database behind TLS, as a service that is told TLS_CA, TLS_CERT and TLS_KEY finds it. */
describe('PostgreSQL under TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-tls-'));
  const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')];
  const schema = tlsConfig.extend({ databaseUrl: databaseUrl() });
  let url: string;
  let stop: () => Promise<void> = () => Promise.resolve();

  beforeAll(async () => {
    const options = { folder: join(folder, 'data', 'postgres'), password: 'secret' };
    // The first start makes the folder, and whose it is; only then can the key be given to them.
    await (await startEmbeddedPostgres(options)).stop();
    await keepCertificates(ours, { postgres: ['localhost'], elsewhere: ['db.example.com'] });
    await keepCertificates(theirs, { service: ['localhost'] });
    const { uid, gid } = statSync(options.folder);
    const { tlsCert, tlsKey } = certificateFiles(ours, 'postgres');
    chownSync(tlsKey, uid, gid);
    const server = await startEmbeddedPostgres({
      ...options,
      flags: ['ssl=on', `ssl_cert_file=${tlsCert}`, `ssl_key_file=${tlsKey}`],
    });
    stop = () => server.stop();
    url = server.url('postgres').replace('127.0.0.1', 'localhost');
  }, 120_000);
  afterAll(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });

  async function encrypted(told: { databaseUrl: string; tlsCa?: string; tlsCert?: string; tlsKey?: string }) {
    const config = readConfig(schema, told);
    const pool = openPool(config.databaseUrl, { max: 1, application: 'a test', logger: makeLogger('silent') });
    try {
      const { rows } = await pool.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return rows[0]?.ssl;
    } finally {
      await pool.end();
    }
  }

  it('is spoken to in clear without certificates, and encrypted with them', async () => {
    expect(await encrypted({ databaseUrl: url })).toBe(false);
    expect(await encrypted({ databaseUrl: url, ...certificateFiles(ours, 'postgres') })).toBe(true);
  });

  it('is migrated under TLS, too', async () => {
    const config = readConfig(schema, { databaseUrl: url, ...certificateFiles(ours, 'postgres') });
    await expect(migrate(config.databaseUrl, [])).resolves.toBeUndefined();
  });

  it('is not spoken to when another authority has signed it', async () => {
    await expect(encrypted({ databaseUrl: url, ...certificateFiles(theirs, 'service') })).rejects.toThrow(
      /certificate/,
    );
  });

  it('is spoken to as its address says, where it says how', async () => {
    const told = { databaseUrl: `${url}?sslmode=disable`, ...certificateFiles(ours, 'postgres') };
    expect(await encrypted(told)).toBe(false);
  });

  it('is verified by the authority that the file holds when a connection is made', async () => {
    const service = join(folder, 'service');
    await keepCertificates(service, { service: ['localhost'] });
    const files = certificateFiles(service, 'service');
    const config = readConfig(schema, { databaseUrl: url, ...files });
    const pool = openPool(config.databaseUrl, { max: 1, application: 'a test', logger: makeLogger('silent') });
    await expect(pool.query('SELECT')).rejects.toThrow(/certificate/);
    writeFileSync(files.tlsCa, readFileSync(certificateFiles(ours, 'postgres').tlsCa));
    await expect(pool.query('SELECT')).resolves.toBeDefined();
    await pool.end();
  });

  it('is not spoken to when its certificate is for another name', async () => {
    const told = { databaseUrl: url, ...certificateFiles(ours, 'elsewhere') };
    const { tlsCert } = certificateFiles(ours, 'postgres');
    copyFileSync(told.tlsCert, tlsCert);
    writeFileSync(certificateFiles(ours, 'postgres').tlsKey, readFileSync(told.tlsKey));
    const plain = openPool(url, { max: 1, application: 'a test', logger: makeLogger('silent') });
    await plain.query('SELECT pg_reload_conf()');
    await plain.end();
    const says = async () => encrypted(told).then(() => 'it answered', String);
    for (const deadline = Date.now() + 15_000; Date.now() < deadline && !(await says()).includes('altnames'););
    expect(await says()).toMatch(/does not match certificate's altnames/);
  });
});
