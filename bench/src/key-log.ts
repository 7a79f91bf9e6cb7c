import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildsSchema, logSchema } from '#event-sourcing';
import { type EmbeddedServer, startEmbeddedPostgres } from '#local-servers';
import { Pool } from 'pg';

const KEY_DIRECTORY = [
  `CREATE TABLE key_directory (
     key_id uuid PRIMARY KEY, digest text NOT NULL UNIQUE, account_id uuid NOT NULL, project_id uuid NOT NULL, organization_id uuid NOT NULL, name text NOT NULL,
     start text NOT NULL, scopes text[] NOT NULL, created_at timestamptz NOT NULL, works_until timestamptz, revoked_at timestamptz, addresses text[] NOT NULL DEFAULT '{}')`,
  'CREATE INDEX key_directory_account ON key_directory (account_id, key_id)',
  'CREATE INDEX key_directory_organization ON key_directory (organization_id, key_id)',
];

/** A server with a log of keys, as key-management keeps it. */
export interface KeyLog {
  readonly server: EmbeddedServer;
  readonly url: string;
  readonly pool: Pool;
  stop(): Promise<void>;
}

/** Durable: fsync and synchronous_commit are on. Only checkpoints are kept from falling into one contender's window. */
export async function startKeyLog(keys: number): Promise<KeyLog> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  const server = await startEmbeddedPostgres({
    folder: join(folder, 'postgres'),
    password: 'bench',
    flags: ['max_wal_size=8GB', 'checkpoint_timeout=1h', 'shared_buffers=256MB'],
  });
  const pool = new Pool({ connectionString: server.url('postgres'), max: 16 });
  // The server may be gone before the last connection has closed.
  pool.on('error', () => undefined);
  for (const statement of [...logSchema, ...buildsSchema, ...KEY_DIRECTORY]) await pool.query(statement);
  await addKeys(pool, keys);
  await pool.query('VACUUM (ANALYZE) events');
  await pool.query('CHECKPOINT');
  return {
    server,
    pool,
    url: server.url('postgres'),
    stop: async () => {
      await pool.end();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Keys with five events in two: issued, half of them rotated, reported, and revoked in the end; mixed in the log as they happen. */
export async function addKeys(pool: Pool, keys: number): Promise<void> {
  await pool.query(
    `WITH k AS MATERIALIZED (SELECT n, 'key-' || uuidv7() AS id, CASE WHEN n % 2 = 0 THEN 4 ELSE 1 END AS version FROM generate_series(1, $1::int) AS n),
     s AS (INSERT INTO streams (id, category, version, last_epoch, last_txid) SELECT id, 'key', version, 1, pg_current_xact_id() FROM k)
     INSERT INTO events (txid, stream_id, version, type, schema_version, event_id, data, meta, occurred_at, log_epoch)
     SELECT pg_current_xact_id(), k.id, v, (ARRAY['KeyIssued', 'KeyRotated', 'KeyLeakReported', 'KeyRevoked'])[v], 1, uuidv7(),
            CASE v WHEN 1 THEN jsonb_build_object('digest', md5(k.id), 'accountId', uuidv7(), 'projectId', uuidv7(), 'organizationId', uuidv7(), 'name', 'laptop ' || n,
                                                  'start', 'rc_' || left(md5(k.id), 6), 'scopes', ARRAY['jobs:read', 'jobs:write'], 'worksUntil', NULL)
                   WHEN 2 THEN '{"worksUntil": "2026-02-01T00:00:00.000Z", "by": "owner"}'::jsonb WHEN 3 THEN '{"reportedAt": "2026-02-01T00:00:00.000Z"}' ELSE '{"reason": "leaked"}' END,
            '{"correlationId": "c", "actor": "service:bench"}', timestamptz '2026-01-01 00:00:00Z' + n * interval '1 s', 1
       FROM k, LATERAL generate_series(1, k.version) AS v ORDER BY v, n`,
    [keys],
  );
}
