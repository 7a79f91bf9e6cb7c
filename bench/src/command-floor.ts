import type { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { Contender } from './rounds.ts';

export const oneRowSchema = 'CREATE TABLE one_row (id uuid PRIMARY KEY, data jsonb NOT NULL)';
/** For pgbench: the least that keeps something durably. */
export const oneRow = `INSERT INTO one_row (id, data) VALUES (uuidv7(), '{"kind": "benchmark"}')`;

/** The same row from Node, over so many connections. */
export const oneRowFromNode =
  (pool: Pool, connections: number): Contender =>
  async (windowMs) => {
    const from = performance.now();
    const counts = await Promise.all(
      Array.from({ length: connections }, async () => {
        let count = 0;
        for (; performance.now() - from < windowMs; count++) {
          await pool.query({
            name: 'one-row',
            text: 'INSERT INTO one_row (id, data) VALUES ($1, $2)',
            values: [uuid(), '{"kind": "benchmark"}'],
          });
        }
        return count;
      }),
    );
    return { perSecond: counts.reduce((a, b) => a + b, 0) / ((performance.now() - from) / 1000), wrongAnswers: 0 };
  };
