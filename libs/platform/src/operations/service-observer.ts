import { Bus, type InboxRunner, Relay } from '#bus';
import { frontierAge, type LogProof } from '#event-sourcing';
import type { Pool } from 'pg';
import type { Clock } from '../base/clock.ts';
import { consumerLags, ofTheBus, projectionLags, relayLag } from './lag.ts';
import type { Housekeeping } from './housekeeping.ts';
import type { ServiceParts } from '../parts/service-parts.ts';
import { isPooledByStatement, PooledByStatement } from '../base/database.ts';
import { watched } from '../observe/metrics.ts';
import type { Judgement, Observed } from '../observe/observed.ts';

/** What is looked at to tell how a service fares. */
export interface Insight {
  readonly parts: ServiceParts;
  readonly pool: Pool;
  readonly log: LogProof;
  readonly bus: Bus;
  readonly relay: Relay;
  readonly inbox: InboxRunner | undefined;
  readonly clock: Clock;
  readonly housekeeping: Housekeeping;
}

const SHOWN_MAX = 10_000;
const LATE_SECONDS = 60;
const RELAY_STATES = ['active', 'standby', 'failing'] as const;

/** Whether the service may be asked. A bus that is away does not keep it from its work; a log or a place that is wrong does. */
export async function judgeService({
  pool,
  log,
  relay,
  inbox,
}: Pick<Insight, 'pool' | 'log' | 'relay' | 'inbox'>): Promise<Judgement> {
  const database = await isPooledByStatement(pool).then(
    (pooled) => (pooled ? [new PooledByStatement().message] : []),
    (error: unknown) => [error instanceof PooledByStatement ? error.message : 'the database does not answer'],
  );
  const whole = await log.require().then(
    () => [],
    (error: unknown) => [error instanceof Error ? error.message : 'the log could not be looked at'],
  );
  const reasons = [
    ...database,
    ...whole,
    ...(relay.fault === undefined ? [] : [`the relay stands still: ${relay.fault}`]),
    ...(inbox?.faults ?? []),
  ];
  return { ready: reasons.length === 0, reasons, degraded: [] };
}

/** What does not work with its bus, by its relay or by a look at it; told once where it is one thing. */
export const busTroubles = (
  { failure }: Pick<Relay, 'failure'>,
  bus: object & { readonly trouble?: string },
): string[] => [
  ...(failure === undefined || bus.trouble?.includes(failure) === true
    ? []
    : [`the relay cannot publish at the moment and goes on trying: ${failure}`]),
  ...(bus.trouble === undefined ? [] : [bus.trouble]),
];

/** The service, for scrapes and for `/readyz`, which also tells what is late. */
export function observedService(insight: Insight): Observed {
  const {
    parts: { service },
    relay,
    inbox,
  } = insight;
  return {
    judge: async () => {
      const judged = await judgeService(insight);
      return judged.ready ? { ...judged, degraded: await amiss(insight) } : judged;
    },
    parts: {
      relay: async () => {
        for (const state of RELAY_STATES) watched.relayState.set({ service, state }, relay.state === state ? 1 : 0);
      },
      housekeeping: async () => {
        for (const { name: work, succeededAt } of insight.housekeeping.states)
          if (succeededAt !== undefined) watched.houseworkSucceeded.set({ service, work }, succeededAt);
      },
      followers: async () => {
        for (const { kind, name, events, seconds } of await followers(insight)) {
          if (kind === 'relay') {
            watched.relayBehindEvents.set({ service }, events);
            watched.relayBehindSeconds.set({ service }, seconds ?? NaN);
          } else {
            watched.projectionLagEvents.set({ service, projection: name }, events);
            watched.projectionLagSeconds.set({ service, projection: name }, seconds ?? NaN);
          }
        }
      },
      frontier: async () => {
        const { ageMs, blocker } = await frontierAge(insight.pool);
        watched.frontierAge.set(
          { service, application: blocker?.application ?? '', database: blocker?.database ?? '' },
          ageMs / 1000,
        );
      },
      ...(inbox
        ? {
            parked: async () => {
              for (const { state, count } of await parked(insight)) watched.parked.set({ service, state }, count);
              watched.haltedPartitions.set({ service }, inbox.faults.length);
            },
            consumer: async () => {
              for (const { name: topic, events, seconds } of await consumerLag(insight)) {
                watched.consumerLagEvents.set({ service, topic }, events);
                watched.consumerLagSeconds.set({ service, topic }, seconds ?? NaN);
              }
            },
          }
        : {}),
    },
  };
}

interface Late {
  readonly kind: 'relay' | 'projection' | 'consumer';
  /** Of the read model, or the topic. */
  readonly name: string;
  readonly events: number;
  /** Undefined where it is not known: an event that comes next has no time. */
  readonly seconds: number | undefined;
}

/** Troubles that do not stop its work, but should be known. */
async function amiss(insight: Insight): Promise<string[]> {
  const lags = await ofTheBus(() => Promise.all([followers(insight), consumerLag(insight)]));
  const named = ({ kind, name }: Late) =>
    kind === 'relay' ? 'the relay' : kind === 'projection' ? `the read model ${name}` : `the inbox for ${name}`;
  return [
    ...busTroubles(insight.relay, lags),
    ...('told' in lags ? lags.told : [])
      .flat()
      .flatMap((lag) =>
        lag.seconds !== undefined && lag.seconds > LATE_SECONDS
          ? [`${named(lag)} is ${Math.round(lag.seconds)} s behind`]
          : [],
      ),
  ];
}

/** How far read models, the relay and the inbox are behind; of the inbox the worst partition of each topic counts for its age. */
async function followers({ pool, parts: { service, projections } }: Insight): Promise<Late[]> {
  const relay = await relayLag(pool, service, SHOWN_MAX);
  const models = (await projectionLags(pool, SHOWN_MAX)).filter(({ name }) =>
    projections.some((projection) => projection.name === name),
  );
  return [
    ...(relay ? [{ kind: 'relay', name: 'relay', events: relay.events, seconds: relay.seconds } as const] : []),
    ...models.map(
      ({ name, behindEvents, behindSeconds }) =>
        ({ kind: 'projection', name, events: behindEvents, seconds: behindSeconds }) as const,
    ),
  ];
}

async function consumerLag({ pool, bus, clock }: Insight): Promise<Late[]> {
  const lags = await consumerLags(pool, bus, () => clock.now().getTime());
  return [...Map.groupBy(lags, ({ of }) => of.split('/')[0] ?? '')].map(([name, of]) => ({
    kind: 'consumer',
    name,
    events: of.reduce((sum, { behindEvents }) => sum + behindEvents, 0),
    seconds: worst(of.map(({ behindSeconds }) => behindSeconds)),
  }));
}

/** The greatest that is known, or unknown. */
const worst = (ages: readonly (number | undefined)[]): number | undefined => {
  const known = ages.filter((each) => each !== undefined);
  return ages.includes(undefined) && Math.max(0, ...known) === 0 ? undefined : Math.max(0, ...known);
};

async function parked({ pool, parts: { service } }: Insight): Promise<{ state: string; count: number }[]> {
  const { rows } = await pool.query<{ state: string; count: number }>({
    name: 'parked-states',
    text: `SELECT s.state, count(p.state) AS count FROM unnest('{failed,gap,waiting,skipped}'::text[]) AS s(state)
             LEFT JOIN (SELECT state FROM parked WHERE consumer = $1 LIMIT $2) AS p USING (state) GROUP BY s.state`,
    values: [service, SHOWN_MAX],
  });
  return rows.map(({ state, count }) => ({ state, count: Number(count) }));
}
