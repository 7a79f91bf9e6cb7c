import { type Cursor, type EventStore, compareCursors, type RecordedEvent, START } from '#event-sourcing';
import type { Message } from '../port/bus.ts';
import { type Mark, markOf, messageOf, NONE, type Publish } from '../port/message.ts';

const BATCH = 1_000;
const REMEMBERED_MAX = 20_000;

/** Which part of a log's published facts is asked for. */
export interface HistoryOptions {
  readonly store: Pick<EventStore, 'readLog' | 'readStreams'>;
  /** `outbox.ts`. */
  readonly publish: Publish;
  readonly service: string;
  /** All, where they are left out or empty. */
  readonly topics?: readonly string[];
  readonly types?: readonly string[];
  readonly after?: Cursor;
  /** The last event that belongs to it; up to the frontier where it is left out. */
  readonly upTo?: Cursor;
}

/**
 * The published facts of a log in its order, the same messages as the relay's: batch by batch, as fast as they are taken, in
 * memory that does not grow with the log. Ends where the log is final at the time.
 */
export async function* publishedHistory({
  store,
  publish,
  service,
  topics = [],
  types = [],
  after = START,
  upTo,
}: HistoryOptions): AsyncGenerator<readonly Message[]> {
  const published = new Map<string, Mark>();
  for (let cursor = after; ;) {
    const events = (await store.readLog(cursor, BATCH)).filter(
      (event) => upTo === undefined || compareCursors(event.cursor, upTo) <= 0,
    );
    const last = events.at(-1);
    if (!last) return;
    await learn(published, events, store, publish, service);
    const messages = events.flatMap((event) => {
      const message = messageOf(event, publish, published.get(event.streamId) ?? NONE, service);
      // Again as the newest, so that the map forgets in the order of use.
      if (message) {
        published.delete(event.streamId);
        published.set(event.streamId, markOf(message));
      }
      return message &&
        (topics.length === 0 || topics.includes(message.topic)) &&
        (types.length === 0 || types.includes(message.type))
        ? [message]
        : [];
    });
    if (messages.length > 0) yield messages;
    forget(published);
    cursor = last.cursor;
  }
}

/** Each stream's last published version before the batch, where it is not remembered. */
async function learn(
  published: Map<string, Mark>,
  events: readonly RecordedEvent[],
  store: HistoryOptions['store'],
  publish: Publish,
  service: string,
) {
  const firsts = new Map([...events].reverse().map((event) => [event.streamId, event.version]));
  const unknown = [...firsts]
    .filter(([streamId, version]) => version > 1 && !published.has(streamId))
    .map(([streamId]) => streamId);
  if (unknown.length === 0) return;
  for (const [streamId, stream] of await store.readStreams(unknown)) {
    const before = stream.filter((event) => event.version < (firsts.get(streamId) ?? 0));
    const last = before
      .map((event) => messageOf(event, publish, NONE, service))
      .findLast((message) => message !== undefined);
    published.set(streamId, last ? markOf(last) : NONE);
  }
}

function forget(published: Map<string, Mark>) {
  for (const streamId of published.keys()) {
    if (published.size <= REMEMBERED_MAX) return;
    published.delete(streamId);
  }
}
