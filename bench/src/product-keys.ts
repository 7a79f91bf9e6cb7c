import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newApiKey } from '#platform';
import type { Product, SignedUp } from '#testing';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { databaseUrl } from './product-database.ts';

/** A key with what only its holder knows. */
export interface KnownKey {
  readonly keyId: string;
  readonly secret: string;
}

/** How a key is when it is made. */
export type Condition = 'good' | 'revoked' | 'expired';

const AT_ONCE = 5_000;

/** The key of an installation and its prefix: with them, keys can be invented that pass every check but the look-up. */
export function inventor({ dataFolder }: Product): () => KnownKey & { digest: string; start: string } {
  const { installationKey } = JSON.parse(readFileSync(join(dataFolder, 'data', 'secrets.json'), 'utf8')) as {
    installationKey: string;
  };
  return () => {
    const keyId = uuid();
    return { keyId, ...newApiKey(installationKey, 'rck', keyId) };
  };
}

/** Makes keys of a member of a project as key-management itself would: the event, its stream and the row of the read model. */
export async function stockKeys(
  product: Product,
  owner: SignedUp,
  count: number,
  condition: Condition = 'good',
): Promise<KnownKey[]> {
  const pool = new Pool({ connectionString: databaseUrl(product, 'key_management'), max: 1 });
  const invent = inventor(product);
  const made: KnownKey[] = [];
  try {
    while (made.length < count) {
      const keys = Array.from({ length: Math.min(AT_ONCE, count - made.length) }, invent);
      await pool.query(STOCK, [
        keys.map(({ keyId }) => keyId),
        keys.map(({ digest }) => digest),
        keys.map(({ start }) => start),
        owner.accountId,
        owner.projectId,
        owner.organizationId,
        condition,
      ]);
      for (const { keyId, secret } of keys) made.push({ keyId, secret });
    }
    return made;
  } finally {
    await pool.end();
  }
}

const STOCK = `
  WITH k AS MATERIALIZED (
         SELECT key_id, digest, start, CASE WHEN $7 = 'expired' THEN timestamptz '2026-01-01T00:00:00Z' END AS works_until, CASE WHEN $7 = 'revoked' THEN now() END AS revoked_at,
                CASE WHEN $7 = 'revoked' THEN 2 ELSE 1 END AS version
           FROM unnest($1::uuid[], $2::text[], $3::text[]) AS n(key_id, digest, start)),
       log AS (SELECT epoch FROM log_meta),
       s AS (INSERT INTO streams (id, category, version, last_epoch, last_txid) SELECT 'key-' || key_id, 'key', version, epoch, pg_current_xact_id() FROM k, log),
       d AS (INSERT INTO key_directory (key_id, digest, account_id, project_id, organization_id, name, start, scopes, created_at, works_until, revoked_at)
               SELECT key_id, digest, $4::uuid, $5::uuid, $6::uuid, 'bench', start, '{}', now(), works_until, revoked_at FROM k)
  INSERT INTO events (txid, stream_id, version, type, schema_version, event_id, data, meta, occurred_at, log_epoch)
    SELECT pg_current_xact_id(), 'key-' || key_id, v, (ARRAY['KeyIssued', 'KeyRevoked'])[v], 1, uuidv7(),
           CASE v WHEN 1 THEN jsonb_build_object('accountId', $4::uuid, 'projectId', $5::uuid, 'organizationId', $6::uuid, 'name', 'bench', 'digest', digest, 'start', start, 'scopes', '[]'::jsonb,
                                                 'worksUntil', to_char(works_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'replaces', NULL)
                  ELSE jsonb_build_object('accountId', $4::uuid, 'projectId', $5::uuid, 'reason', 'requested') END,
           '{"correlationId": "bench", "actor": "service:bench"}', now(), epoch
      FROM k, log, LATERAL generate_series(1, version) AS v ORDER BY v, key_id`;
