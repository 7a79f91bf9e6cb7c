import type { Topic } from '#contracts';
import { BackOff, Loop, type Polling, type Sql } from '#event-sourcing';
import {
  type Alarm,
  Bus,
  type BusRecord,
  type Follower,
  type Following,
  type Message,
  type PartitionRange,
} from '../port/bus.ts';
import { toHeaders } from '../port/message.ts';
import { readRange, readRecords, SharedReads } from './bus-reader.ts';
import { GroupMember, type Membership } from './group-member.ts';
import { Tails } from './tails.ts';

const PRUNE = { everyMs: 3_600_000, olderThan: '14 days', atOnce: 500 };

/** What the bus needs. `pool` leads to the database that has `busSchema`; its maker ends it, after `close`. */
export interface PostgresBusOptions {
  readonly pool: Sql;
  readonly alarm: Alarm;
  readonly leaseMs?: number;
  readonly polling?: Polling;
}

/** The bus in PostgreSQL, for one machine: one partition a topic, one member of a group at work. */
export class PostgresBus extends Bus {
  private readonly tails: Tails;
  private readonly reads: SharedReads;
  private readonly members = new Set<Following>();
  private readonly pruning: Loop;

  constructor(private readonly options: PostgresBusOptions) {
    super();
    this.tails = new Tails(options.pool, options.alarm, options.polling);
    this.reads = new SharedReads(options.pool);
    const { everyMs } = PRUNE;
    this.pruning = new Loop(() => this.prune(), {
      firstMs: everyMs,
      backOff: new BackOff(everyMs, everyMs),
      alarm: (error) => {
        options.alarm('pruning of the bus', error);
      },
    });
  }

  async publish(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const { rows } = await this.options.pool.query<{ topic: string; next_offset: string | number }>({
      name: 'bus-publish',
      text: 'SELECT topic, next_offset FROM bus_publish($1, $2, $3, $4, $5)',
      values: [
        messages.map((m) => m.topic),
        messages.map((m) => m.key),
        messages.map((m) => m.eventId),
        messages.map((m) => JSON.stringify(toHeaders(m))),
        messages.map((m) => JSON.stringify(m.data)),
      ],
    });
    for (const row of rows) this.tails.advance(row.topic, Number(row.next_offset));
  }

  follow(group: string, topics: readonly Topic[], follower: Follower): Following {
    this.tails.start();
    this.pruning.start();
    const membership: Membership = {
      sql: this.options.pool,
      tails: this.tails,
      reads: this.reads,
      alarm: this.options.alarm,
      leaseMs: this.options.leaseMs,
    };
    const member = new GroupMember(membership, group, topics, follower);
    const following = { stop: () => member.stop().finally(() => this.members.delete(following)) };
    this.members.add(following);
    return following;
  }

  async ranges(topic: Topic): Promise<readonly PartitionRange[]> {
    return [await readRange(this.options.pool, topic)];
  }

  async recordAt(topic: Topic, _partition: number, offset: number): Promise<BusRecord | undefined> {
    const [record] = await readRecords(this.options.pool, topic, offset, 1);
    return record?.offset === offset ? record : undefined;
  }

  async cluster(): Promise<string | undefined> {
    const { rows } = await this.options.pool.query<{ cluster: string }>({
      name: 'bus-cluster',
      text: 'SELECT system_identifier::text AS cluster FROM pg_control_system()',
      values: [],
    });
    return rows[0]?.cluster;
  }

  async close(): Promise<void> {
    await this.pruning.stop();
    await Promise.all([...this.members].map((member) => member.stop()));
    await this.tails.stop();
  }

  /** Forgets records older than 14 days, a few at a time: their history stays with their owners. */
  private async prune(): Promise<number> {
    const { rows } = await this.options.pool.query<{ gone: string | number }>(
      'SELECT bus_prune($1::interval, $2) AS gone',
      [PRUNE.olderThan, PRUNE.atOnce],
    );
    return Number(rows[0]?.gone) === PRUNE.atOnce ? 0 : PRUNE.everyMs;
  }
}
