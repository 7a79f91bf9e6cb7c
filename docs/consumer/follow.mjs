// Follows revoked keys and sign-ins. KAFKA_BROKERS=kafka:9092 node follow.mjs — needs Node 24 and `npm install kafkajs`.
import { createRequire } from 'node:module';

const {
  KAFKA_BROKERS,
  GROUP = 'my-team.follow',
  TOPICS = 'key-management.keys,identity.logins',
  STATE = 'follow.db',
} = process.env;
const stop = (why) => {
  console.error(why);
  process.exit(78);
};
if (parseInt(process.versions.node) < 24)
  stop(`follow.mjs needs Node 24 or newer, for its SQLite, and this is ${process.versions.node}.`);
if (!KAFKA_BROKERS) stop('Set KAFKA_BROKERS to your brokers (kafka:9092). "npm run start:services" prints its own.');
const { DatabaseSync } = await import('node:sqlite');
const { default: kafkajs } = await import('kafkajs');

// kafkajs 2.2.4 sets a timer to a time that is past, a thousand times a second for ever, and Node warns of it. This looks only when something waits.
const { prototype: queue } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
const schedule = queue.scheduleCheckPendingRequests;
queue.scheduleCheckPendingRequests = function () {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
};

// What you do with each fact. Types that are not named here are passed over: new ones may come at any time.
const act = {
  'KeyRevoked.v1': ({ keyId, reason }) => ({ keyId, reason }),
  'LoginRecorded.v1': ({ accountId, method }) => ({ accountId, method }),
};

// How far each stream was read, in the database that your own rows are in: both change in one transaction, or neither.
const database = new DatabaseSync(STATE, { timeout: 10_000 });
database.exec(
  'CREATE TABLE IF NOT EXISTS streams (id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, version INTEGER NOT NULL)',
);
const advance = database.prepare(
  'INSERT INTO streams VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, version = excluded.version WHERE (epoch, version) < (excluded.epoch, excluded.version)',
);

function receive({ key, headers, value }) {
  const [stream, version, type] = [key.toString(), Number(headers.stream_version), headers.ce_type.toString()];
  // Rises when Rollcall's own log was restored from a backup: what it says then counts, whatever was said before under that version.
  const epoch = parseInt(headers.source_position);
  database.exec('BEGIN IMMEDIATE');
  try {
    const isNew = advance.run(stream, epoch, version).changes === 1;
    if (isNew && act[type]) console.log(JSON.stringify({ stream, version, type, ...act[type](JSON.parse(value)) }));
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error; // It is delivered again.
  }
}

const consumer = new kafkajs.Kafka({
  clientId: GROUP,
  brokers: KAFKA_BROKERS.split(','),
  logLevel: kafkajs.logLevel.ERROR,
}).consumer({ groupId: GROUP });
await consumer.connect();
await consumer.subscribe({ topics: TOPICS.split(','), fromBeginning: true });
await consumer.run({ eachMessage: async ({ message }) => receive(message) });
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => consumer.disconnect().then(() => process.exit(0)));
