import { isDeepStrictEqual } from 'node:util';
import { type Fact, factKind } from '#contracts';
import {
  categoryOf,
  compareCursors,
  type DomainEvent,
  type EventStore,
  idOf,
  isLost,
  lost,
  parseCursor,
  type RecordedEvent,
} from '#event-sourcing';
import { v7 as uuid } from 'uuid';
import type { Message } from '../port/bus.ts';
import type { Publish } from '../port/message.ts';
import { type Compared, publishedBeyond } from './rolled-back.ts';

/** The inverse of an outbox: the own event that told a fact; undefined where the fact does not say all of it. */
export type TakeBack = (fact: Fact) => DomainEvent | undefined;

/** A fact that the bus has and a log lacks, and what is appended for it. */
export interface Return {
  readonly message: Message;
  /** The stream's version before it. */
  readonly expectedVersion: number;
  /** The last of them stands for the fact; those before it for what was private. Empty: it is lost, and its version is another's by now. */
  readonly events: readonly DomainEvent[];
  /** Under the version and id that others know. Otherwise this log has gone on by itself, and others hear of it as of something new. */
  readonly asKnown: boolean;
}

/** Whether its event came back, and not only its version. */
export const isMade = ({ events }: Return): boolean => events.some((event) => !isLost(event));

/** What would be taken back, in the order of the branch that is lost. */
export async function returning(
  compared: Compared & { readonly publish: Publish; readonly takeBack?: TakeBack | undefined },
): Promise<Return[]> {
  const lacking = await publishedBeyond(compared, Infinity);
  // A relay may have told a fact twice.
  const facts = [...new Map(lacking.map((message) => [message.eventId, message])).values()].sort((a, b) =>
    compareCursors(parseCursor(a.position), parseCursor(b.position)),
  );
  const heads = await headsOf(compared, facts);
  const apart = new Set<string>();
  const unfounded = new Set<string>();
  return facts.map((message) => {
    const { key, version } = message;
    const head = heads.get(key) ?? 0;
    if (version <= head) apart.add(key);
    const asKnown = !apart.has(key);
    const made = unfounded.has(key) ? undefined : madeOf(message, compared);
    // What follows upon a beginning that is lost has nothing to rest on.
    if (head === 0 && (made === undefined || (asKnown && version > 1))) unfounded.add(key);
    const event = unfounded.has(key) ? undefined : made;
    if (!asKnown && event === undefined) return { message, expectedVersion: head, events: [], asKnown };
    const before = asKnown ? Array.from({ length: version - head - 1 }, () => lost()) : [];
    const events = [...before, event ?? lost(told(message))];
    heads.set(key, head + events.length);
    return { message, expectedVersion: head, events, asKnown };
  });
}

/** Appends what was lost, in a transaction of the log's owner. */
export async function takeBack(store: EventStore, returns: readonly Return[]): Promise<void> {
  for (const { message, expectedVersion, events, asKnown } of returns) {
    if (events.length === 0) continue;
    const { key, eventId, position, time, correlationId, causationId, traceparent, actor, source } = message;
    await store.append({
      streamId: key,
      expectedVersion,
      events,
      cause: {
        at: new Date(time),
        correlationId,
        actor: actor ?? `service:${source}`,
        ...(causationId === undefined ? {} : { causationId }),
        ...(traceparent === undefined ? {} : { traceparent }),
      },
      ...(asKnown ? { known: { eventIds: [...events.slice(1).map(() => uuid()), eventId], position } } : {}),
    });
  }
}

/** Only what tells the very same again: anything else would not be what was decided. */
function madeOf(
  message: Message,
  { publish, takeBack: inverse }: { readonly publish: Publish; readonly takeBack?: TakeBack | undefined },
): DomainEvent | undefined {
  const fact = told(message);
  const event = fact && inverse?.(fact);
  if (!event) return undefined;
  const again = publish({ id: idOf(message.key, categoryOf(message.key)), type: event.type, event } as RecordedEvent);
  return isDeepStrictEqual(again, fact) ? event : undefined;
}

/** The fact, where this release knows it: one that could not be told again is not kept. */
function told({ type, data }: Message): Fact | undefined {
  const parsed = factKind(type)?.schema.safeParse(data);
  return parsed?.success === true && isDeepStrictEqual(parsed.data, data)
    ? ({ name: type, data } as unknown as Fact)
    : undefined;
}

async function headsOf({ sql }: Compared, facts: readonly Message[]): Promise<Map<string, number>> {
  const { rows } = await sql.query<{ id: string; version: number }>(
    'SELECT id, version FROM streams WHERE id = ANY($1)',
    [[...new Set(facts.map(({ key }) => key))]],
  );
  return new Map(rows.map(({ id, version }) => [id, version]));
}
