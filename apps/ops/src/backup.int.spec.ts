import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logSchema, personKeysSchema } from '#event-sourcing';
import { startEmbeddedPostgres } from '#local-servers';
import { Cluster } from '#testing';
import { backUp, lookAt, type Wish } from './backup.ts';
import { readManifest } from './backup-folder.ts';
import { openBackup, restore, verify } from './restore.ts';

describe('a backup of a cluster', () => {
  let root: string;
  let cluster: Cluster;
  const log = (text: string) => cluster.query<Record<string, unknown>>(text, [], 'desk');
  const marks = () => log('SELECT stamp = log_stamp() AS own FROM log_copy');
  const urlOf = (database: string) => cluster.url(database);
  const wish = (name: string, folder = join(root, name)): Wish => ({
    folder,
    key: undefined,
    release: '0.0.0',
    by: 'ada',
    reason: 'a test',
  });

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'rollcall-backup-'));
    cluster = await Cluster.make(join(root, 'cluster'), ['fsync=off']);
    await cluster.start();
    await cluster.query('CREATE DATABASE desk');
    for (const statement of logSchema) await log(statement);
  });
  afterAll(async () => {
    await cluster.kill();
    rmSync(root, { recursive: true, force: true });
  });

  it('is taken one at a time: who ends first would take away the mark of the other copy', async () => {
    const both = await Promise.allSettled([backUp(urlOf, wish('one')), backUp(urlOf, wish('two'))]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((each) => each.status === 'rejected')?.reason).toMatchObject({ name: 'Ended', code: 4 });
    expect(await marks()).toEqual([]);
  });

  it('leaves nothing behind when it is broken off, and no mark', async () => {
    const folder = mkdtempSync(join(root, 'broken-'));
    // It stands where the manifest, the last of all, would be written.
    writeFileSync(join(folder, 'manifest.json'), '');
    await expect(backUp(urlOf, wish('', folder))).rejects.toThrow('EEXIST');
    expect(readdirSync(folder)).toEqual([]);
    expect(await marks()).toEqual([]);
  });

  it('takes over the mark of one whose process was killed', async () => {
    await log("INSERT INTO log_copy (stamp) VALUES ('another start of this server')");
    await backUp(urlOf, wish('after-a-crash'));
    expect(await marks()).toEqual([]);
  });

  it('is not taken by a role that may not copy, nor of a log that is known to lack something', async () => {
    await cluster.query("CREATE ROLE clerk LOGIN PASSWORD 'clerk'");
    await expect(lookAt((database) => cluster.url(database, 'clerk', 'clerk'))).rejects.toMatchObject({ code: 4 });
    await log("UPDATE log_meta SET older = 'the bus knows more'");
    await expect(lookAt(urlOf)).rejects.toThrow('rollcall log reopen desk');
    await log('UPDATE log_meta SET older = NULL');
  });

  it('is a server of its own when it is restored, with all that was written before and while it was taken, and says that it is a copy', async () => {
    await log('CREATE TABLE notes (n integer)');
    let writing = true;
    const written = (async () => {
      let n = 0;
      for (; writing; n++) await log(`INSERT INTO notes VALUES (${n})`);
      return n;
    })();
    await log('INSERT INTO notes VALUES (-1)');
    await backUp(urlOf, wish('whole'));
    writing = false;
    const last = await written;
    const backup = openBackup(join(root, 'whole'), undefined);
    await verify(backup);
    const folder = join(root, 'restored', 'postgres');
    expect(await restore(backup, { folder, password: 'moved', by: 'ada', reason: 'a test' })).toBeUndefined();
    expect(readFileSync(join(root, 'restored', 'restored.jsonl'), 'utf8')).toContain('"reason":"a test"');

    await cluster.kill();
    const server = await startEmbeddedPostgres({ folder, password: 'moved', port: cluster.port });
    try {
      const [notes] = await log(
        'SELECT min(n) AS least, count(*)::integer - 1 - max(n) AS gaps, max(n) AS most FROM notes',
      );
      expect(notes).toMatchObject({ least: -1, gaps: 1 });
      expect(notes?.most).toBeLessThan(last);
      expect(await marks()).toEqual([{ own: false }]);
      expect(await log('SELECT proved = log_stamp() AS proved FROM log_meta')).toEqual([{ proved: false }]);
    } finally {
      await server.stop();
    }
    await cluster.start();
  });

  it('leaves out person keys that another file has: those of a newer backup do, so who was erased since stays erased', async () => {
    await cluster.query('CREATE DATABASE person_keys');
    const keys = (text: string) => cluster.query<Record<string, unknown>>(text, [], 'person_keys');
    for (const statement of personKeysSchema) await keys(statement);
    await keys(
      "INSERT INTO person_keys (person_id, wrapped) SELECT 'person-' || n, convert_to('key-of-' || n, 'UTF8') FROM generate_series(1, 25000) AS n",
    );
    await keys('ANALYZE');
    await backUp(urlOf, wish('older'));
    await keys("UPDATE person_keys SET wrapped = NULL, destroyed_at = now() WHERE person_id = 'person-7'");
    await backUp(urlOf, wish('newer'));
    expect(() => openBackup(join(root, 'newer'), undefined, join(root, 'older'))).toThrow('older than the backup');
    const backup = openBackup(join(root, 'older'), undefined, join(root, 'newer'));
    rmSync(join(root, 'older', 'person-keys.jsonl.zst'));
    expect(() => openBackup(join(root, 'older'), undefined)).toThrow('--person-keys');
    const folder = join(root, 'erased', 'postgres');
    await restore(backup, { folder, password: 'moved', by: 'ada', reason: 'a test' });

    await cluster.kill();
    const server = await startEmbeddedPostgres({ folder, password: 'moved', port: cluster.port });
    try {
      expect(
        await keys(
          "SELECT count(*)::integer AS all, count(wrapped)::integer AS kept, string_agg(person_id, ' ') FILTER (WHERE wrapped IS NULL) AS erased FROM person_keys",
        ),
      ).toEqual([{ all: 25_000, kept: 24_999, erased: 'person-7' }]);
      // By its index, and with statistics made anew.
      await keys('ANALYZE');
      expect(
        await keys("SELECT convert_from(wrapped, 'UTF8') AS key FROM person_keys WHERE person_id = 'person-8'"),
      ).toEqual([{ key: 'key-of-8' }]);
    } finally {
      await server.stop();
    }
    await cluster.start();
  });

  it('is not whole without a file of the write-ahead log that it was taken over', async () => {
    const folder = join(root, 'whole');
    const manifest = readManifest(folder);
    const longer = {
      ...manifest,
      cluster: { ...manifest.cluster, wal: { ...manifest.cluster.wal, end: 'FF/1000028' } },
    };
    await expect(
      verify({
        folder,
        manifest: { ...longer, cluster: { ...longer.cluster, segmentBytes: 2 ** 30 } },
        key: undefined,
        personKeys: undefined,
      }),
    ).rejects.toThrow('lacks pg_wal/');
  });
});
