import type { EventStore } from '#event-sourcing';
import type { Message } from '../port/bus.ts';
import { compareMarks, type Mark, markOf, messageOf, NONE, type Publish } from '../port/message.ts';

/**
 * The published facts of one stream after a mark (of epoch 0: after the version, in any epoch), from the log itself: for consumers that cannot wait
 * for the bus or
 * that have missed something. The same messages as the relay's, up to the newest commit.
 */
export async function publishedStream({
  store,
  publish,
  service,
  streamId,
  after,
}: {
  store: Pick<EventStore, 'readStream'>;
  publish: Publish;
  service: string;
  streamId: string;
  after: Mark;
}): Promise<Message[]> {
  let previous = NONE;
  const messages: Message[] = [];
  for (const event of await store.readStream(streamId)) {
    const message = messageOf(event, publish, previous, service);
    if (!message) continue;
    previous = markOf(message);
    if (after.epoch === 0 ? message.version > after.version : compareMarks(previous, after) > 0) messages.push(message);
  }
  return messages;
}
