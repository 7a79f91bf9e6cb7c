import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { TalliedHistogram } from './tallied-histogram.ts';

/** All that a process tells Prometheus. Labels are names of ours and never ids: each may have a few dozen values at most. */
export const registry = new Registry();

/** Each bound is a series for every set of labels: no more than alerts and the dashboard need. */
const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 5];
/** By route and status, and by method: many sets. */
const OF_ROUTES = [0.01, 0.1, 0.5, 1, 5];
const OF_METHODS = [0.01, 0.1, 1];
/** Calls to other services are told apart by their outcome more than by their time: one bound is enough. */
const OF_CALLS = [1];
const gauge = (name: string, help: string, ...labels: string[]) =>
  new Gauge({ name: `rollcall_${name}`, help, labelNames: ['service', ...labels], registers: [registry] });
const counter = (name: string, help: string, ...labels: string[]) =>
  new Counter({ name: `rollcall_${name}`, help, labelNames: ['service', ...labels], registers: [registry] });
const histogram = (buckets: number[], name: string, help: string, ...labels: string[]) =>
  new Histogram({ name: `rollcall_${name}`, help, labelNames: ['service', ...labels], buckets, registers: [registry] });

/** What is true at the moment of the scrape, looked up then. */
export const watched = {
  ready: gauge('ready', '1 while the service may be asked'),
  relayState: gauge('relay_state', '1 for the state that the relay of this process is in', 'state'),
  relayBehindEvents: gauge('relay_behind_events', 'Events that are not on the bus yet, counted to 10000'),
  relayBehindSeconds: gauge('relay_behind_seconds', 'Age of the oldest event that is not on the bus yet'),
  projectionLagEvents: gauge(
    'projection_lag_events',
    'Events that a read model does not show yet, counted to 10000',
    'projection',
  ),
  projectionLagSeconds: gauge(
    'projection_lag_seconds',
    'Age of the oldest event that a read model does not show yet',
    'projection',
  ),
  consumerLagEvents: gauge('consumer_lag_events', 'Facts on the bus that the inbox has not taken yet', 'topic'),
  consumerLagSeconds: gauge(
    'consumer_lag_seconds',
    'Time since the oldest fact that the inbox has not taken yet was decided; NaN where it has no time',
    'topic',
  ),
  haltedPartitions: gauge(
    'inbox_halted_partitions',
    'Partitions that are not read: their place is lost, or they stand still at a record',
  ),
  parked: gauge('parked_messages', 'Messages put aside, counted to 10000', 'state'),
  gateLease: gauge('gate_lease', '1 while the gateway may answer from memory'),
  gateKeys: gauge('gate_keys', 'Keys that the gateway has in memory'),
  silentGateways: gauge(
    'silent_gateways',
    'Gateways that fell silent without having left: while there is one, nobody is suspended',
  ),
  houseworkSucceeded: gauge(
    'housekeeping_last_success_timestamp_seconds',
    'When a work of housekeeping succeeded last in this process, as Unix time',
    'work',
  ),
  frontierAge: gauge(
    'frontier_age_seconds',
    'Age of the oldest open write transaction of the cluster, or of what it holds back',
    'application',
    'database',
  ),
};

/** What has happened since the process began. */
export const counted = {
  events: counter('events_appended_total', 'Events written to the log', 'type'),
  published: counter('facts_published_total', 'Facts that the relay has put on the bus', 'topic'),
  received: counter('facts_received_total', 'Facts that the inbox has taken', 'topic'),
  signIns: counter('sign_ins_total', 'Sign-ins with a password, by outcome', 'outcome'),
  swept: counter('sweep_accounts_total', 'Accounts that the inactivity run has looked at, by outcome', 'outcome'),
  judged: counter('keys_judged_total', 'Keys judged by the gateway: from memory, or by asking key-management', 'from'),
  houseworkRemoved: counter(
    'housekeeping_removed_rows_total',
    'Rows that housekeeping has removed because nobody asks for them any more',
    'work',
  ),
  scrapeFailures: counter('scrape_failures_total', 'Parts of a scrape that could not be looked up', 'part'),
};

/** How long things took. */
export const timed = {
  http: new TalliedHistogram(
    {
      name: 'rollcall_http_request_seconds',
      help: 'Requests at the gateway',
      labelNames: ['service', 'method', 'route', 'status'],
      buckets: OF_ROUTES,
    },
    registry,
  ),
  grpcServer: histogram(OF_METHODS, 'grpc_server_seconds', 'Calls answered', 'method', 'code'),
  grpcClient: histogram(OF_CALLS, 'grpc_client_seconds', 'Calls made', 'peer', 'method', 'outcome'),
  append: histogram(SECONDS, 'append_seconds', 'Appends to the log, the wait for a connection included', 'outcome'),
  revocation: histogram(SECONDS, 'revocation_seconds', 'From the wish to revoke a key until no gate takes it'),
  sweep: histogram(SECONDS, 'sweep_seconds', 'Runs of the inactivity policy that found something due'),
};

/** Of the process, what neither alerts nor the dashboard nor the page on metrics names: a tenth of an idle scrape. */
const UNUSED = /^nodejs_(active_|heap_space_)/;

let defaults = false;

/** Heap, event loop, CPU and file descriptors of the process, from the first scrape on. */
export function includeProcess(): void {
  if (defaults) return;
  defaults = true;
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray()) if (UNUSED.test(name)) registry.removeSingleMetric(name);
}
