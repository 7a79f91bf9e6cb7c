import pg from 'pg';

/** Everything that steps make, a line each, by what PostgreSQL itself would write: two databases are alike where these are. */
const CATALOGUE = `
  WITH places AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
  relations AS (SELECT c.*, nspname || '.' || relname AS named FROM pg_class AS c JOIN places AS p ON p.oid = relnamespace)
  SELECT named AS subject, concat_ws(' ', 'relation', relkind::text, relpersistence::text, reloptions::text) AS is FROM relations WHERE relkind IN ('r', 'v', 'm', 'S', 'p')
  UNION ALL SELECT named, concat_ws(' ', 'column', attnum::text, attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END, nullif(attidentity::text, ''), nullif(attgenerated::text, ''), attstorage::text, pg_get_expr(adbin, adrelid))
    FROM relations AS r JOIN pg_attribute ON attrelid = r.oid AND attnum > 0 AND NOT attisdropped LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE relkind IN ('r', 'p')
  UNION ALL SELECT named, concat_ws(' ', 'constraint', conname, pg_get_constraintdef(k.oid)) FROM relations AS r JOIN pg_constraint AS k ON conrelid = r.oid
  UNION ALL SELECT named, concat_ws(' ', 'index', pg_get_indexdef(indexrelid)) FROM relations AS r JOIN pg_index ON indrelid = r.oid
  UNION ALL SELECT named, concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid)) FROM relations AS r JOIN pg_trigger AS t ON tgrelid = r.oid AND NOT tgisinternal
  UNION ALL SELECT named, concat_ws(' ', 'sequence', seqtypid::regtype::text, seqstart::text, seqincrement::text, seqmax::text, seqcycle::text) FROM relations AS r JOIN pg_sequence ON seqrelid = r.oid
  UNION ALL SELECT named, concat_ws(' ', 'grant', CASE WHEN grantee = 0 THEN 'public' WHEN grantee = relowner THEN 'owner' ELSE 'service' END, privilege_type)
    FROM relations, aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) WHERE relkind IN ('r', 'v', 'm', 'S', 'p')
  UNION ALL SELECT nspname || '.' || proname, concat_ws(' ', 'function', pg_get_functiondef(f.oid), proacl::text) FROM pg_proc AS f JOIN places AS p ON p.oid = pronamespace
  UNION ALL SELECT nspname, 'schema' FROM places
  ORDER BY 1, 2`;

/** What a database consists of, as `<table, function or schema>: <what is so>`, in order. What it is called and who its service is does not matter. */
export async function catalogue(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ subject: string; is: string }>(CATALOGUE);
    return rows.map(({ subject, is }) => `${subject}: ${is}`);
  } finally {
    await client.end();
  }
}
