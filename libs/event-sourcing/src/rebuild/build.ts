import type { Sql } from '../decision/event-store.ts';

/** `building`: being filled, or checked and dropped again. `ready`: equal to the live one, and following. `retired`: was live, and follows, so that it can be again. */
export type BuildState = 'building' | 'ready' | 'live' | 'retired' | 'failed';

/** What a build is doing: `verifying` is one that is compared and thrown away. */
export type Phase = 'filling' | 'indexing' | 'following' | 'verifying';

/** How far a build has come; its source alone reads it. */
export type Position = Readonly<Record<string, unknown>>;

/** One build of a read model: its n-th set of tables. */
export interface Build {
  /** The read model, without a number. */
  readonly name: string;
  readonly n: number;
  readonly state: BuildState;
  readonly phase: Phase;
  readonly position: Position;
  /** Events or facts so far, and at the start of the build; a second. */
  readonly done: number;
  readonly total: number;
  readonly rate: number;
  readonly checksums: readonly TableChecksum[] | null;
  /** Why it cannot become live. */
  readonly problem: string | null;
  readonly who: string;
  readonly startedAt: Date;
  readonly updatedAt: Date;
  readonly endedAt: Date | null;
}

/** A table's content in short, in any order of its rows. */
export interface TableChecksum {
  readonly table: string;
  readonly rows: number;
  readonly checksum: string;
}

/** Another process is building this read model at this moment. */
export class BuildRunning extends Error {
  override readonly name = 'BuildRunning';
}

/** There is nothing of this kind to work on. */
export class NoSuchBuild extends Error {
  override readonly name = 'NoSuchBuild';
}

/** The new build and the live one show different rows: an operator has to look before they are swapped. */
export class BuildsDiffer extends Error {
  override readonly name = 'BuildsDiffer';
}

/** Where the tables of a build are while it is not live. */
export const schemaOf = ({ name, n }: Pick<Build, 'name' | 'n'>): string => `${name.replaceAll('-', '_')}_${n}`;

/** `accounts-1` is the first shape of the read model `accounts`. */
export function modelName(projection: string): { name: string; n: number } {
  const [, name = projection, n = '1'] = /^(.+)-(\d+)$/.exec(projection) ?? [];
  return { name, n: Number(n) };
}

const COLUMNS = `name, n, state, phase, position, done::float8 AS done, total::float8 AS total, rate, checksums, problem, who, started_at AS "startedAt", updated_at AS "updatedAt", ended_at AS "endedAt"`;

/** All builds, or those of one read model, the newest first. */
export async function listBuilds(sql: Sql, name?: string): Promise<Build[]> {
  const { rows } = await sql.query<Build>(
    `SELECT ${COLUMNS} FROM projection_builds WHERE $1::text IS NULL OR name = $1 ORDER BY name, n DESC`,
    [name ?? null],
  );
  return rows;
}

/** Changes what is said of a build. */
export async function record(
  sql: Sql,
  { name, n }: Pick<Build, 'name' | 'n'>,
  said: Partial<Pick<Build, 'state' | 'phase' | 'position' | 'done' | 'total' | 'rate' | 'checksums' | 'problem'>> & {
    ended?: boolean;
  },
): Promise<void> {
  const { ended = false, ...columns } = said;
  const names = Object.keys(columns);
  await sql.query(
    `UPDATE projection_builds SET ${names.map((column, i) => `${column} = $${i + 3}, `).join('')} updated_at = clock_timestamp()${ended ? ', ended_at = clock_timestamp()' : ''} WHERE name = $1 AND n = $2`,
    [
      name,
      n,
      ...Object.values(columns).map((value) =>
        typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
      ),
    ],
  );
}

/** The build's position, locked until the transaction ends; undefined when another process holds the lock, or the build is gone. */
export async function lockPosition(
  tx: Sql,
  { name, n }: Pick<Build, 'name' | 'n'>,
  wait: 'wait' | 'skip' = 'wait',
): Promise<Position | undefined> {
  const { rows } = await tx.query<{ position: Position }>(
    `SELECT position FROM projection_builds WHERE name = $1 AND n = $2 FOR UPDATE${wait === 'skip' ? ' SKIP LOCKED' : ''}`,
    [name, n],
  );
  return rows[0]?.position;
}
