import type { Pool, PoolClient } from 'pg';
import { withoutValues } from '../decision/errors.ts';

/** One transaction on a connection of its own. `begin` may set what holds for it alone. */
export async function inTransaction<T>(
  pool: Pool,
  begin: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').then(
      () => {
        client.release();
      },
      () => {
        client.release(true);
      },
    );
    throw withoutValues(error);
  }
}

/** Short, of a build: what it loses in a crash of the server it makes again, so its commit need not wait for the disk. */
export const shortIn = (schema: string): string =>
  `BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL search_path = "${schema}", public`;
