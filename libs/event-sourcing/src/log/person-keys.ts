import { randomBytes } from 'node:crypto';
import { keyName, openAny, type PersonKeys, seal, type SealingKeys } from './envelope.ts';
import type { Sql } from '../decision/event-store.ts';

/** The table of person keys, in a database of its own: its backups are kept for days, not years. */
export const personKeysSchema: readonly string[] = [
  `CREATE TABLE person_keys (
     person_id text PRIMARY KEY,
     wrapped bytea,
     destroyed_at timestamptz,
     wrapped_by text)`,
];

const REMEMBERED_MAX = 10_000;
const REMEMBERED_MS = 60_000;

/** Person keys in PostgreSQL, each wrapped by the first of the installation's master keys and remembered for a minute. */
export class PostgresPersonKeys implements PersonKeys {
  private readonly remembered = new Map<string, { key: Buffer; until: number }>();

  private readonly masterKeys: SealingKeys;

  constructor(
    private readonly sql: Sql,
    ...masterKeys: SealingKeys
  ) {
    this.masterKeys = masterKeys;
  }

  async obtain(personId: string): Promise<Buffer> {
    const known = await this.find(personId);
    if (known) return known;
    const [masterKey] = this.masterKeys;
    await this.sql.query(
      'INSERT INTO person_keys (person_id, wrapped, wrapped_by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [personId, seal(masterKey, personId, randomBytes(32)), keyName(masterKey)],
    );
    const made = await this.find(personId);
    if (!made) throw new Error('the key of this person was destroyed: nothing new may be written about them');
    return made;
  }

  async find(personId: string, { afresh = false } = {}): Promise<Buffer | undefined> {
    const hit = this.remembered.get(personId);
    if (!afresh && hit && hit.until > performance.now()) return hit.key;
    const { rows } = await this.sql.query<{ wrapped: Buffer | null }>({
      name: 'person-key',
      text: 'SELECT wrapped FROM person_keys WHERE person_id = $1',
      values: [personId],
    });
    const wrapped = rows[0]?.wrapped;
    this.remembered.delete(personId);
    if (!wrapped) return undefined;
    const key = openAny(this.masterKeys, personId, wrapped);
    this.remember(personId, key);
    return key;
  }

  async destroy(personId: string): Promise<void> {
    // A row also for a person who never had a key, so that none is made afterwards.
    await this.sql.query(
      `INSERT INTO person_keys (person_id, destroyed_at) VALUES ($1, clock_timestamp())
       ON CONFLICT (person_id) DO UPDATE SET wrapped = NULL, wrapped_by = NULL, destroyed_at = excluded.destroyed_at`,
      [personId],
    );
    this.remembered.delete(personId);
  }

  private remember(personId: string, key: Buffer) {
    // The oldest goes first: a Map keeps the order of insertion.
    const oldest = this.remembered.size >= REMEMBERED_MAX ? this.remembered.keys().next().value : undefined;
    if (oldest !== undefined) this.remembered.delete(oldest);
    this.remembered.set(personId, { key, until: performance.now() + REMEMBERED_MS });
  }
}
