import type { EventStore } from '#event-sourcing';
import type { Message } from './bus.ts';
import { messageOf, type Publish } from './message.ts';

/**
 * The published facts of one stream after a version, from the log itself: for consumers that cannot wait for the bus or
 * that have missed something. The same messages as the relay's, up to the newest commit.
 */
export async function publishedStream({ store, publish, service, streamId, afterVersion }: {
  store: Pick<EventStore, 'readStream'>; publish: Publish; service: string; streamId: string; afterVersion: number;
}): Promise<Message[]> {
  let previous = 0;
  const messages: Message[] = [];
  for (const event of await store.readStream(streamId)) {
    const message = messageOf(event, publish, previous, service);
    if (!message) continue;
    previous = message.version;
    if (message.version > afterVersion) messages.push(message);
  }
  return messages;
}
