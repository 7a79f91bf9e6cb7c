import type { Topic } from '#contracts';
import {
  type Build,
  type Hold,
  lockPosition,
  modelName,
  type Position,
  record,
  schemaOf,
  inTransaction,
  shortIn,
  type Source,
  type Sql,
  type Tx,
  type BuildContext,
} from '#event-sourcing';
import type { Pool } from 'pg';
import type { Message } from '../port/bus.ts';
import { type DeliveredFact, deliveredFact } from '../inbox/delivered-fact.ts';
import type { ForeignProjection } from './foreign-projection.ts';
import type { History } from '../inbox/inbox.ts';
import { compareMarks, type Mark, markOf } from '../port/message.ts';

/** Where the facts of others can be read again: from those who own them. */
export interface OwnersHistory {
  /** All facts of topics of one owner, in the order of its log, after a position; batch by batch. */
  all(topics: readonly Topic[], after?: string): AsyncIterable<readonly Message[]>;
  readonly stream: History;
}

const CHUNK = 500;
const ROUND_MAX = 100;
/** So many streams are read from their owners while the inbox is held, at most. */
const HELD_MAX = 20;

/**
 * A read model of foreign facts. A build is filled from the owners' histories, but never beyond what the live inbox has
 * applied (`inbox_versions`); its own versions stand beside its tables. What an operator skipped is left out here, too.
 * The inbox is held by its versions: every batch moves them, whether it came over the bus or from an owner.
 */
export class ForeignSource implements Source {
  readonly name: string;
  readonly n: number;
  readonly tables: readonly string[];
  readonly notes = [
    {
      table: 'build_versions',
      ddl: '(stream_id text PRIMARY KEY, version integer NOT NULL, epoch integer NOT NULL DEFAULT 1)',
    },
  ];
  readonly fill = undefined;

  /** @param consumer the service, as its inbox calls itself. */
  constructor(
    private readonly projection: ForeignProjection,
    private readonly consumer: string,
    private readonly history: OwnersHistory,
  ) {
    ({ name: this.name, n: this.n } = modelName(projection.name));
    this.tables = projection.tables;
  }

  async total(sql: Sql): Promise<number> {
    const { rows } = await sql.query<{ total: string }>(
      `SELECT coalesce(sum(last_version), 0)::text AS total FROM inbox_versions WHERE consumer = $1 AND ${OF_CATEGORIES}`,
      [this.consumer, this.categories],
    );
    return Number(rows[0]?.total);
  }

  async catchUp({ pool, build, progress, signal }: BuildContext): Promise<void> {
    for (const [owner, topics] of this.owners()) {
      const place = readPlace(await position(pool, build));
      if (place.read.includes(owner)) continue;
      let at = place.at[owner];
      for await (const messages of this.history.all(topics, at)) {
        signal.throwIfAborted();
        at = messages.at(-1)?.position ?? at;
        await this.write(pool, build, messages, {
          ...place,
          at: { ...place.at, ...(at === undefined ? {} : { [owner]: at }) },
        });
        progress(messages.length);
      }
      await record(pool, build, { position: { at: {}, read: [...place.read, owner] } });
    }
    while (await this.step(pool, build)) signal.throwIfAborted();
  }

  async step(pool: Pool, build: Pick<Build, 'name' | 'n'>): Promise<boolean> {
    const behind = await this.behind(pool, schemaOf(build), ROUND_MAX);
    for (const stream of behind)
      await this.follow(stream, (messages) =>
        inTransaction(pool, shortIn(schemaOf(build)), (tx) => this.apply(tx, build, messages, [stream], 'to its end')),
      );
    return behind.length > 0;
  }

  async hold(tx: Tx, _hold: Hold): Promise<void> {
    await tx.query('LOCK TABLE inbox_versions IN SHARE MODE');
  }

  async finish(tx: Tx, build: Pick<Build, 'name' | 'n'>): Promise<Position> {
    const behind = await this.behind(tx, schemaOf(build), HELD_MAX + 1);
    // As if a lock were not to be had: after another round it is tried again.
    if (behind.length > HELD_MAX)
      throw Object.assign(new Error(`${this.name} is too far behind to be held`), { code: '55P03' });
    for (const stream of behind)
      await this.follow(stream, (messages) => this.apply(tx, build, messages, [stream], 'to its end'));
    return (await lockPosition(tx, build)) ?? {};
  }

  private get categories(): string[] {
    return Object.values(this.projection.from).flat();
  }

  /** Topics by the service that owns them. */
  private owners(): Map<string, Topic[]> {
    return Map.groupBy(Object.keys(this.projection.from) as Topic[], (topic) => topic.slice(0, topic.indexOf('.')));
  }

  /** Streams of which the live one has more. */
  private async behind(sql: Sql, schema: string, limit: number): Promise<Behind[]> {
    const { rows } = await sql.query<Behind>(
      `SELECT v.stream_id AS "streamId", ${MARKS}
         FROM inbox_versions AS v LEFT JOIN "${schema}".build_versions AS b USING (stream_id)
        WHERE v.consumer = $1 AND ${OF_CATEGORIES} AND (v.epoch, v.last_version) > (coalesce(b.epoch, 1), coalesce(b.version, 0)) ORDER BY v.stream_id LIMIT $3`,
      [this.consumer, this.categories, limit],
    );
    return rows;
  }

  private async follow(stream: Behind, apply: (messages: readonly Message[]) => Promise<void>) {
    const topic = (Object.entries(this.projection.from) as [Topic, readonly string[]][]).find(([, categories]) =>
      categories.some((category) => stream.streamId.startsWith(`${category}-`)),
    )?.[0];
    if (topic === undefined) throw new Error(`no topic of ${this.projection.name} has the stream ${stream.streamId}`);
    await apply(await this.history.stream(topic, stream.streamId, built(stream)));
  }

  private async write(pool: Pool, build: Build, messages: readonly Message[], place: SourceOffset) {
    for (let from = 0; from < messages.length; from += CHUNK) {
      const chunk = messages.slice(from, from + CHUNK);
      await inTransaction(pool, shortIn(schemaOf(build)), async (tx) => {
        await this.apply(
          tx,
          build,
          chunk,
          await this.states(tx, [...new Set(chunk.map((message) => message.key))]),
          'in part',
        );
        if (from + CHUNK >= messages.length) await record(tx, build, { position: { ...place } });
      });
    }
  }

  /** Applies what the live one has applied, too, and puts down how far that is. */
  private async apply(
    tx: Tx,
    build: Pick<Build, 'name' | 'n'>,
    messages: readonly Message[],
    states: readonly Behind[],
    read: 'in part' | 'to its end',
  ) {
    if (!(await lockPosition(tx, build))) throw new Error(`build ${build.n} of ${build.name} is gone`);
    const known = new Map(states.map((state) => [state.streamId, state]));
    const skipped = await this.skipped(tx, [...known.keys()]);
    const next = messages.filter((message) => {
      const { topic, key, version } = message;
      const state = known.get(key);
      return (
        state !== undefined &&
        compareMarks(markOf(message), built(state)) > 0 &&
        compareMarks(markOf(message), live(state)) <= 0 &&
        !skipped.has(`${key}@${version}`) &&
        this.projection.from[topic]?.some((category) => key.startsWith(`${category}-`))
      );
    });
    const facts = next
      .map((message) => deliveredFact(message))
      .filter((fact): fact is DeliveredFact => fact !== undefined);
    if (facts.length > 0) await this.projection.apply(tx, facts);
    // Of a stream that was read by itself all is known up to the live version; of a batch, what it brought.
    const reached = new Map(
      read === 'to its end'
        ? states.map((state) => [state.streamId, live(state)])
        : next.map((message) => [message.key, markOf(message)]),
    );
    await tx.query(
      `INSERT INTO build_versions AS b (stream_id, epoch, version) SELECT * FROM unnest($1::text[], $2::int[], $3::int[])
       ON CONFLICT (stream_id) DO UPDATE SET epoch = excluded.epoch, version = excluded.version WHERE (excluded.epoch, excluded.version) > (b.epoch, b.version)`,
      [
        [...reached.keys()],
        [...reached.values()].map(({ epoch }) => epoch),
        [...reached.values()].map(({ version }) => version),
      ],
    );
  }

  private async states(tx: Tx, streamIds: readonly string[]): Promise<Behind[]> {
    const { rows } = await tx.query<Behind>(
      `SELECT v.stream_id AS "streamId", ${MARKS}
         FROM inbox_versions AS v LEFT JOIN build_versions AS b USING (stream_id) WHERE v.consumer = $1 AND v.stream_id = ANY($2)`,
      [this.consumer, streamIds],
    );
    return rows;
  }

  private async skipped(tx: Tx, streamIds: readonly string[]): Promise<Set<string>> {
    const { rows } = await tx.query<{ stream_id: string; version: number }>(
      `SELECT stream_id, version FROM parked WHERE consumer = $1 AND state = 'skipped' AND stream_id = ANY($2)`,
      [this.consumer, streamIds],
    );
    return new Set(rows.map((row) => `${row.stream_id}@${row.version}`));
  }
}

/** A stream with the mark that the live one has applied, and the one that the build has. */
interface Behind {
  readonly streamId: string;
  readonly liveEpoch: number;
  readonly live: number;
  readonly builtEpoch: number;
  readonly built: number;
}

const MARKS =
  'v.epoch AS "liveEpoch", v.last_version AS live, coalesce(b.epoch, 1) AS "builtEpoch", coalesce(b.version, 0) AS built';
const live = (state: Behind): Mark => ({ epoch: state.liveEpoch, version: state.live });
const built = (state: Behind): Mark => ({ epoch: state.builtEpoch, version: state.built });

/** Owners whose history was read to its end, and how far that of the others was. */
interface SourceOffset {
  readonly read: readonly string[];
  readonly at: Readonly<Record<string, string>>;
}

const OF_CATEGORIES = `EXISTS (SELECT FROM unnest($2::text[]) AS c(category) WHERE starts_with(stream_id, c.category || '-'))`;

async function position(sql: Sql, { name, n }: Pick<Build, 'name' | 'n'>): Promise<Position | undefined> {
  return (
    await sql.query<{ position: Position }>('SELECT position FROM projection_builds WHERE name = $1 AND n = $2', [
      name,
      n,
    ])
  ).rows[0]?.position;
}

const readPlace = (from: Position | undefined): SourceOffset => ({
  read: (from?.read ?? []) as readonly string[],
  at: (from?.at ?? {}) as SourceOffset['at'],
});
