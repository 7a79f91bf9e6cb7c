import { Bus, type InboxRunner, Relay } from '#bus';
import { frontierAge } from '#event-sourcing';
import type { Pool } from 'pg';
import type { Clock } from '../clock.ts';
import type { ServiceParts } from '../service-parts.ts';
import { watched } from './metrics.ts';
import type { Judgement, Observed } from './observed.ts';

/** What is looked at to tell how a service fares. */
export interface Insight {
  readonly parts: ServiceParts;
  readonly pool: Pool;
  readonly bus: Bus;
  readonly relay: Relay;
  readonly inbox: InboxRunner | undefined;
  readonly clock: Clock;
}

const SHOWN_MAX = 10_000;
/** Of one topic: each costs a look at the bus. */
const PARTITIONS_LOOKED_AT_MAX = 3;
const LATE_SECONDS = 60;
const RELAY_STATES = ['active', 'standby', 'failing'] as const;

/** Whether the service may be asked. A bus that is away does not keep it from its work; a log or a place that is wrong does. */
export async function judgeService({ pool, relay, inbox }: Pick<Insight, 'pool' | 'relay' | 'inbox'>): Promise<Judgement> {
  const database = await pool.query('SELECT 1').then(() => [], () => ['the database does not answer']);
  const reasons = [...database, ...(relay.fault === undefined ? [] : [`the relay stands still: ${relay.fault}`]), ...(inbox?.faults ?? [])];
  return { ready: reasons.length === 0, reasons, degraded: [] };
}

/** The service, for scrapes and for `/readyz`, which also tells what is late. */
export function observedService(insight: Insight): Observed {
  const { parts: { service }, relay, inbox } = insight;
  return {
    judge: async () => {
      const judged = await judgeService(insight);
      return judged.ready ? { ...judged, degraded: await amiss(insight) } : judged;
    },
    parts: {
      relay: async () => {
        for (const state of RELAY_STATES) watched.relayState.set({ service, state }, relay.state === state ? 1 : 0);
      },
      followers: async () => {
        for (const { name, isRelay, events, seconds } of await followers(insight)) {
          if (isRelay) { watched.relayBehindEvents.set({ service }, events); watched.relayBehindSeconds.set({ service }, seconds); }
          else { watched.projectionLagEvents.set({ service, projection: name }, events); watched.projectionLagSeconds.set({ service, projection: name }, seconds); }
        }
      },
      frontier: async () => {
        const { ageMs, blocker } = await frontierAge(insight.pool);
        watched.frontierAge.set({ service, application: blocker?.application ?? '', database: blocker?.database ?? '' }, ageMs / 1000);
      },
      ...(inbox ? {
        parked: async () => {
          for (const { state, count } of await parked(insight)) watched.parked.set({ service, state }, count);
          watched.haltedPartitions.set({ service }, inbox.faults.length);
        },
        consumer: async () => {
          for (const { topic, events, seconds } of await consumerLag(insight, inbox)) { watched.consumerLagEvents.set({ service, topic }, events); watched.consumerLagSeconds.set({ service, topic }, seconds); }
        },
      } : {}),
    },
  };
}

/** What does not keep it from its work, but should be known. */
async function amiss(insight: Insight): Promise<string[]> {
  const { relay, inbox } = insight;
  const lags = await Promise.all([followers(insight), ...(inbox ? [consumerLag(insight, inbox)] : [])]).catch(() => undefined);
  const late = (lags ?? []).flat().filter(({ seconds }) => seconds > LATE_SECONDS);
  return [
    ...(relay.state === 'failing' ? ['the relay cannot publish at the moment; it goes on trying'] : []),
    ...(lags ? [] : ['the bus does not answer; what is decided waits in the log']),
    ...late.map((lag) => `${'topic' in lag ? `the inbox for ${lag.topic}` : lag.isRelay ? 'the relay' : `the read model ${lag.name}`} is ${Math.round(lag.seconds)} s behind`),
  ];
}

/** How far read models and the relay are behind the log. */
async function followers({ pool, parts: { service, projections } }: Insight): Promise<{ name: string; isRelay: boolean; events: number; seconds: number }[]> {
  const { rows } = await pool.query<{ name: string; is_relay: boolean; events: number; seconds: string }>({
    name: 'lags',
    text: `SELECT f.name, f.is_relay, l.events, l.seconds
             FROM (SELECT name, false AS is_relay, epoch, txid, pos FROM checkpoints WHERE name = ANY($1)
                   UNION ALL SELECT name, true, log_epoch, log_txid, log_pos FROM relay WHERE name = $2) AS f,
             LATERAL (SELECT count(*) AS events, coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0) AS seconds
                        FROM (SELECT recorded_at FROM events WHERE (log_epoch, events.txid, events.pos) > (f.epoch, f.txid, f.pos) ORDER BY log_epoch, events.txid, events.pos LIMIT $3) AS behind) AS l`,
    values: [projections.map(({ name }) => name), service, SHOWN_MAX],
  });
  return rows.map(({ name, is_relay: isRelay, events, seconds }) => ({ name, isRelay, events: Number(events), seconds: Math.max(0, Number(seconds)) }));
}

async function parked({ pool, parts: { service } }: Insight): Promise<{ state: string; count: number }[]> {
  const { rows } = await pool.query<{ state: string; count: number }>({
    name: 'parked-states',
    text: `SELECT s.state, count(p.state) AS count FROM unnest('{failed,gap,waiting,skipped}'::text[]) AS s(state)
             LEFT JOIN (SELECT state FROM parked WHERE consumer = $1 LIMIT $2) AS p USING (state) GROUP BY s.state`,
    values: [service, SHOWN_MAX],
  });
  return rows.map(({ state, count }) => ({ state, count: Number(count) }));
}

/** How far the inbox is behind what the bus holds, by topic. */
async function consumerLag(insight: Insight, inbox: InboxRunner): Promise<{ topic: string; events: number; seconds: number }[]> {
  const { pool, parts: { service }, bus } = insight;
  const { rows } = await pool.query<{ topic: string; partition: number; next_offset: number }>({ name: 'places', text: 'SELECT topic, partition, next_offset FROM inbox_offsets WHERE consumer = $1', values: [service] });
  return Promise.all(inbox.topics.map(async (topic) => {
    const behind = (await bus.ranges(topic)).map(({ partition, first, next }) => {
      const at = Math.max(Number(rows.find((row) => row.topic === topic && row.partition === partition)?.next_offset ?? first), first);
      return { partition, at, events: Math.max(0, next - at) };
    }).filter(({ events }) => events > 0).sort((a, b) => b.events - a.events);
    const oldest = await Promise.all(behind.slice(0, PARTITIONS_LOOKED_AT_MAX).map(({ partition, at }) => bus.recordAt(topic, partition, at)));
    const times = oldest.flatMap((record) => (record ? [Date.parse(record.message.time)] : []));
    return { topic, events: behind.reduce((sum, { events }) => sum + events, 0), seconds: times.length > 0 ? Math.max(0, (insight.clock.now().getTime() - Math.min(...times)) / 1000) : 0 };
  }));
}
