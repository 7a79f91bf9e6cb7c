import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedServer } from '../../platform/src/embedded-postgres.ts';

declare global {
  var rollcallTestServer: { server: EmbeddedServer; folder: string } | undefined;
}

/** One real PostgreSQL for all tests that need one; each test makes its own database in it (`testDatabase`). */
export default async function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  // Durability is what the kill tests prove, on a server of their own; here it would only cost time.
  const server = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), password: 'test', flags: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'] });
  process.env.ROLLCALL_TEST_POSTGRES = server.url('postgres');
  globalThis.rollcallTestServer = { server, folder };
}
