import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { baseBackup } from './base-backup.ts';
import { type LogHead, type Manifest, MANIFEST } from './backup-folder.ts';
import { EXIT, Ended } from './exit.ts';
import { personKeyFiles, personKeyRows } from './person-keys-part.ts';
import { type PartKey, writePart } from './sealed-part.ts';
import { inDatabase, PERSON_KEYS, type UrlOf } from './source-cluster.ts';
import { withoutEntries } from './tar.ts';

/** A cluster as a backup finds it. */
export interface Source {
  readonly identifier: string;
  readonly major: number;
  readonly segmentBytes: number;
  readonly bytes: number;
  readonly databases: readonly string[];
  readonly logs: readonly LogHead[];
}

const ONE_AT_A_TIME = "hashtextextended('rollcall backup', 0)";

const CLUSTER = `
  SELECT (SELECT system_identifier::text FROM pg_control_system()) AS identifier, current_setting('server_version_num')::integer / 10000 AS major,
         pg_size_bytes(current_setting('wal_segment_size'))::integer AS "segmentBytes", pg_is_in_recovery() AS standby,
         (SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user) AS may,
         (SELECT sum(pg_database_size(oid))::float8 FROM pg_database) AS bytes,
         (SELECT array_agg(datname::text ORDER BY datname) FROM pg_database WHERE datallowconn AND NOT datistemplate) AS databases`;

/** Looks at a cluster, with all that would stand against a backup. @throws Ended where something does */
export async function lookAt(urlOf: UrlOf): Promise<Source> {
  const found = await inDatabase(urlOf('postgres'), async (client) => {
    const { rows } = await client.query<Omit<Source, 'logs'> & { standby: boolean; may: boolean }>(CLUSTER);
    return rows[0];
  }).catch((error: unknown) => {
    throw new Ended(
      EXIT.away,
      `PostgreSQL does not answer: ${error instanceof Error ? error.message : String(error)}.`,
    );
  });
  if (!found) throw new Ended(EXIT.fault, 'PostgreSQL said nothing of itself.');
  const { standby, may, ...source } = found;
  if (standby)
    throw new Ended(EXIT.refused, 'This is a standby, which cannot be marked: take the backup of the primary.');
  if (!may)
    throw new Ended(
      EXIT.refused,
      'This role may not replicate. OWNER_DATABASE_URL must be the address of a superuser.',
    );
  const logs = (await eachLog(source.databases, urlOf, headOf)).filter((head) => head !== undefined);
  if (logs.length === 0)
    throw new Ended(EXIT.refused, 'No database of this cluster has a log: there is nothing to back up.');
  return { ...source, logs };
}

/** Does something in every database that has a log. */
const eachLog = <T>(
  databases: readonly string[],
  urlOf: UrlOf,
  work: (client: Client, database: string) => Promise<T>,
) =>
  Promise.all(
    databases.map(async (database) =>
      inDatabase(urlOf(database), async (client) => {
        const { rows } = await client.query<{ there: boolean }>(
          "SELECT to_regclass('public.log_copy') IS NOT NULL AS there",
        );
        return rows[0]?.there === true ? work(client, database) : undefined;
      }),
    ),
  );

async function headOf(client: Client, database: string): Promise<LogHead> {
  const { rows } = await client.query<{
    stamp: string;
    incarnation: string;
    epoch: number;
    older: string | null;
    proved: boolean;
    copied: boolean;
    head: string | null;
    recordedAt: Date | null;
    fenced: boolean;
  }>(
    `SELECT log_stamp() AS stamp, m.incarnation, m.epoch, m.older, m.proved IS NOT DISTINCT FROM log_stamp() AS proved,
            EXISTS (SELECT FROM log_copy WHERE stamp <> log_stamp()) AND m.proved IS DISTINCT FROM log_stamp() AS copied,
            concat_ws('.', e.log_epoch, e.txid, e.pos) AS head, e.recorded_at AS "recordedAt", to_regclass('public.fence') IS NOT NULL AS fenced
       FROM log_meta AS m LEFT JOIN (SELECT * FROM events ORDER BY log_epoch DESC, txid DESC, pos DESC LIMIT 1) AS e ON true`,
  );
  const [row] = rows;
  if (!row) throw new Ended(EXIT.refused, `The log of ${database} was never opened: run the migrations first.`);
  const { stamp, incarnation, epoch, head, recordedAt, fenced } = row;
  if (row.copied || row.older !== null)
    throw new Ended(
      EXIT.refused,
      `The log of ${database} is itself a copy that nobody has gone on with: a backup of it would take its mark away. First: rollcall log reopen ${database.replaceAll('_', '-')}.`,
    );
  const fence = fenced
    ? (await client.query<{ seq: number }>('SELECT seq::float8 AS seq FROM fence')).rows[0]?.seq
    : undefined;
  return {
    database,
    stamp,
    incarnation,
    epoch,
    head: head ?? '',
    recordedAt: recordedAt?.toISOString() ?? '',
    ...(fence === undefined ? {} : { fence }),
  };
}

const MARK = `INSERT INTO log_copy (stamp) SELECT log_stamp()
  ON CONFLICT (one) DO UPDATE SET stamp = excluded.stamp, begun_at = clock_timestamp()`;
const UNMARK = 'DELETE FROM log_copy WHERE stamp = log_stamp()';

export interface Wish {
  readonly folder: string;
  readonly key: Buffer | undefined;
  readonly release: string;
  readonly by: string;
  readonly reason: string;
}

/**
 * Copies a cluster into a folder, person keys into a file of their own. While it is copied every log says that a copy is being made, so the copy
 * says so for ever.
 * @throws Ended, Error; then the folder holds nothing of it
 */
export async function backUp(urlOf: UrlOf, wish: Wish): Promise<Manifest> {
  return inDatabase(urlOf('postgres'), async (holder) => {
    // Whoever ended first would take away the mark of the other's copy.
    const { rows } = await holder.query<{ mine: boolean }>(`SELECT pg_try_advisory_lock(${ONE_AT_A_TIME}) AS mine`);
    if (rows[0]?.mine !== true) throw new Ended(EXIT.refused, 'Another backup of this cluster is being taken.');
    const source = await lookAt(urlOf);
    mkdirSync(wish.folder, { recursive: true, mode: 0o700 });
    await eachLog(source.databases, urlOf, (client) => client.query(MARK));
    try {
      return await take(source, urlOf, wish);
    } catch (error) {
      for (const file of [MANIFEST, BASE, KEYS]) rmSync(join(wish.folder, file), { force: true });
      throw error;
    } finally {
      await eachLog(source.databases, urlOf, (client) => client.query(UNMARK));
    }
  });
}

const BASE = 'base.tar.zst';
const KEYS = 'person-keys.jsonl.zst';

async function take(source: Source, urlOf: UrlOf, { folder, key, release, by, reason }: Wish): Promise<Manifest> {
  const partKey: PartKey = { key, id: randomUUID() };
  const beganAt = new Date().toISOString();
  const keysHere = source.databases.includes(PERSON_KEYS);
  const leftOut = keysHere ? await inDatabase(urlOf(PERSON_KEYS), personKeyFiles) : [];
  const { tar, range } = await baseBackup(urlOf('postgres'), 'rollcall');
  const base = await writePart(folder, BASE, partKey, withoutEntries(tar, isOneOf(leftOut)));
  const wal = await range;
  const endedAt = new Date().toISOString();
  await stillMarked(source, urlOf);
  // Behind the copy: everybody in it has a key, and who was erased meanwhile has none.
  const personKeys = keysHere
    ? await inDatabase(urlOf(PERSON_KEYS), async (client) => {
        // A table that was written anew meanwhile lies in files that were copied.
        if (leftOut.join(' ') !== (await personKeyFiles(client)).join(' '))
          throw new Ended(EXIT.refused, 'The table of person keys was written anew meanwhile. Take the backup again.');
        const takenAt = new Date().toISOString();
        let rows = 0;
        const content = personKeyRows(client, (more) => (rows += more));
        return { ...(await writePart(folder, KEYS, partKey, content)), rows, takenAt };
      })
    : undefined;
  const { identifier, major, segmentBytes, logs } = source;
  const manifest: Manifest = {
    format: 1,
    id: partKey.id,
    release,
    beganAt,
    endedAt,
    by,
    reason,
    encrypted: key !== undefined,
    cluster: { identifier, major, segmentBytes, wal },
    logs,
    base,
    ...(personKeys === undefined ? {} : { personKeys }),
  };
  writeFileSync(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  return manifest;
}

const isOneOf = (paths: readonly string[]) => (name: string) =>
  paths.some((path) => name === path || name.startsWith(`${path}.`) || name.startsWith(`${path}_`));

/** A copy whose mark was taken away before its end would say that it is the log itself. */
async function stillMarked({ databases }: Source, urlOf: UrlOf) {
  const marks = await eachLog(databases, urlOf, async (client) => {
    const { rows } = await client.query<{ marked: boolean }>(
      'SELECT EXISTS (SELECT FROM log_copy WHERE stamp = log_stamp()) AS marked',
    );
    return rows[0]?.marked === true;
  });
  if (marks.includes(false))
    throw new Ended(
      EXIT.refused,
      'PostgreSQL was started anew or a log was reopened while it was copied, so the copy would not say that it is one. Take the backup again.',
    );
}
