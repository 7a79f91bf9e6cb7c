/** What a decision produced: plain data, named in the past tense. Names and shapes are storage formats: never changed, only added. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
  /** About a person. Stored only in the encrypted envelope; absent again once that person was erased. */
  readonly personal?: Readonly<Record<string, string>>;
}

/**
 * A place in one service's log. Ordered by (epoch, txid, pos): transaction ids, unlike sequence values,
 * can be compared with what is still running, so nothing that commits late is skipped.
 */
export interface Cursor {
  readonly epoch: number;
  readonly txid: bigint;
  readonly pos: bigint;
}

/** Before the first event of any log. */
export const START: Cursor = { epoch: 0, txid: 0n, pos: 0n };

/** Negative, zero or positive, as `Array.sort` wants it. */
export function compareCursors(a: Cursor, b: Cursor): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  if (a.txid !== b.txid) return a.txid < b.txid ? -1 : 1;
  if (a.pos !== b.pos) return a.pos < b.pos ? -1 : 1;
  return 0;
}

/** `epoch.txid.pos`, for headers and logs. */
export const formatCursor = ({ epoch, txid, pos }: Cursor): string => `${epoch}.${txid}.${pos}`;

/** The cursor again. */
export function parseCursor(text: string): Cursor {
  const [epoch = '0', txid = '0', pos = '0'] = text.split('.');
  return { epoch: Number(epoch), txid: BigInt(txid), pos: BigInt(pos) };
}

/** Who and what led to a command. Holds ids only, never personal data. */
export interface Cause {
  /** Instant of the decision, from the caller's clock. */
  readonly at: Date;
  /** One id for everything that one request from outside set off. */
  readonly correlationId: string;
  /** The event or command directly before. */
  readonly causationId?: string;
  /** `account:<id>`, `operator:<id>`, or `service:<name>`. */
  readonly actor: string;
  /** W3C trace context of the request. */
  readonly traceparent?: string;
  /** Makes the append happen once: a second append under this id returns the first outcome. */
  readonly commandId?: string;
  /** Digest of the command's content, to tell a retry from a reuse of its id. */
  readonly fingerprint?: string;
}

/** The cause of what follows in the same transaction, or is done to several streams: a command id stands for one append, so it carries none. */
export function followUp({ commandId: _id, fingerprint: _fingerprint, ...cause }: Cause): Cause {
  return cause;
}

/** What an event carries beside its data. */
export interface Meta extends Pick<Cause, 'correlationId' | 'causationId' | 'actor' | 'traceparent'> {
  /** Of an event that was taken back after a copy had lost it: its place before (`formatCursor`), by which others know it. */
  readonly position?: string;
}

/** An event as the log holds it. */
export interface RecordedEvent<E extends DomainEvent = DomainEvent> {
  /** UUID v7. */
  readonly eventId: string;
  /** `<category>-<id>`. */
  readonly streamId: string;
  readonly category: string;
  readonly id: string;
  /** 1, 2, 3 … within its stream. */
  readonly version: number;
  readonly cursor: Cursor;
  readonly type: E['type'];
  readonly schemaVersion: number;
  readonly event: E;
  readonly meta: Meta;
  /** When it was decided (the caller's clock). */
  readonly occurredAt: Date;
  /** When the database wrote it. */
  readonly recordedAt: Date;
  /** Carries personal data that this reader could not open, or did not. */
  readonly sealed?: boolean;
}

/** The place in the log by which others know an event: its own, or the one that it had before it was taken back. */
export const knownPosition = ({ cursor, meta }: Pick<RecordedEvent, 'cursor' | 'meta'>): string =>
  meta.position ?? formatCursor(cursor);

/** `<category>-<id>`: the name of the stream of one thing. */
export const streamName = (category: string, id: string): string => `${category}-${id}`;
