/**
 * One relay or one inbox as a process of its own, so that it can be killed: `node crash.program.ts relay|inbox <service database> <bus>`.
 * Prints `idle` when there was nothing left to do.
 */
import { Doorbell, LogWatch, PostgresEventStore } from '#event-sourcing';
import pg from 'pg';
import { InboxRunner } from './inbox/runner.ts';
import { KafkaBus } from './kafka/kafka-bus.ts';
import { LoginInbox, publishLogin } from './logins.fixture.ts';
import { PostgresBus } from './postgres/postgres-bus.ts';
import { Relay } from './relay/relay.ts';
import { topicsOf } from './relay/rolled-back.ts';

const [kind, serviceUrl, busUrl] = process.argv.slice(2);
const LEASE_MS = 300;

const open = (url: string | undefined) => {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined);
  return pool;
};
const pool = open(serviceUrl);
const alarm = (what: string, error: unknown) => console.error(what, error);
const kafka = /^kafka:\/\/([^/]+)\/(.*)$/.exec(busUrl ?? '');
const bus = kafka
  ? new KafkaBus({
      brokers: [kafka[1] ?? ''],
      prefix: kafka[2] ?? '',
      alarm,
      owns: topicsOf('identity'),
      pace: { fetchMs: 50, heartbeatMs: 150, sessionMs: Number(process.env.SESSION_MS) },
    })
  : new PostgresBus({ pool: open(busUrl), alarm, leaseMs: LEASE_MS });
const store = new PostgresEventStore(pool);

if (kind === 'relay') {
  const watch = new LogWatch(pool, new Doorbell());
  watch.start();
  await new Relay({
    service: 'identity',
    pool,
    store,
    watch,
    bus,
    publish: publishLogin,
    alarm,
    leaseMs: LEASE_MS,
  }).start();
} else {
  await new InboxRunner({ consumer: 'mailer', pool, store, bus, inbox: new LoginInbox(), alarm }).start();
}
