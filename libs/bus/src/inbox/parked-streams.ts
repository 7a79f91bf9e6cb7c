import { BackOff, type Doorbell, Loop } from '#event-sourcing';
import type { Message } from '../port/bus.ts';
import { isContention } from '../port/failure.ts';
import type { InboxRunnerOptions } from './inbox.ts';
import type { InboxApplier } from './applier.ts';
import { leaps } from './plan.ts';
import { Overtaken, readStates } from './rows.ts';
import { compareMarks, type Mark, markBefore, markOf, NONE, supersedes } from '../port/message.ts';
import { anyParked, disown, dueStreams, isFailed, parkedMessages } from './parked.ts';
import type { Turn } from './turn.ts';

const CHUNK = 500;
const ATTEMPTS_MAX = 3;
const EVERY_MS = 1_000;
const FOREVER_MS = 2 ** 31 - 1;

/** Looks after streams that were parked: fetches what is missing, and applies in order what may go on. Idle while nothing is parked. */
export class ParkedStreams {
  private readonly loop: Loop;
  private readonly everyMs: number;

  constructor(
    private readonly options: InboxRunnerOptions,
    private readonly applier: InboxApplier,
    private readonly turn: Turn,
    parkings: Doorbell,
  ) {
    this.everyMs = options.parkedEveryMs ?? EVERY_MS;
    this.loop = new Loop((signal) => this.look(signal), {
      bell: parkings,
      backOff: new BackOff(this.everyMs, this.everyMs),
      alarm: (error) => {
        this.complain(error);
      },
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** Applies messages that were read from their owner. */
  async receive(messages: readonly Message[]): Promise<void> {
    const { pool, consumer } = this.options;
    const states = await readStates(
      pool,
      consumer,
      messages.map((message) => message.key),
    );
    const flowing = messages.filter((message) => states.get(message.key)?.parked !== true);
    for (const chunk of chunks(flowing))
      await this.attempt(() => this.turn.take(() => this.applier.settle({ messages: chunk })));
    for (const [streamId, { parked }] of states) {
      if (parked && !(await isFailed(pool, consumer, streamId)))
        await this.attempt(() =>
          this.reopen(
            streamId,
            messages.filter((message) => message.key === streamId),
          ),
        );
    }
  }

  /** Answers when to look again. */
  private async look(signal: AbortSignal): Promise<number> {
    const { pool, consumer } = this.options;
    for (const streamId of await dueStreams(pool, consumer))
      if (!signal.aborted) await this.reopen(streamId, []).catch((error: unknown) => this.complain(error));
    return (await anyParked(pool, consumer)) ? this.everyMs : FOREVER_MS;
  }

  /** A failed stream is tried again at the next look. */
  private complain(error: unknown) {
    if (!(error instanceof Overtaken || isContention(error)))
      this.options.alarm(`parked streams of ${this.options.consumer}`, error);
  }

  private async reopen(streamId: string, known: readonly Message[]): Promise<void> {
    const { pool, consumer } = this.options;
    const messages = inOrder([...(await parkedMessages(pool, consumer, streamId, CHUNK)), ...known]);
    const first = messages[0];
    if (!first) return;
    const last = (await readStates(pool, consumer, [streamId])).get(streamId)?.last ?? NONE;
    const told = leaps(first) || compareMarks(markBefore(first), last) > 0 ? await this.fetch(first, last) : undefined;
    if (told && ![...known, ...told].some(({ eventId }) => eventId === first.eventId)) {
      await disown(pool, consumer, first);
      return;
    }
    const next = inOrder([...messages, ...(told ?? [])]);
    const unsure = this.options.history
      ? next.findIndex((message) => leaps(message) && !told?.some(({ eventId }) => eventId === message.eventId))
      : -1;
    for (const chunk of chunks(unsure === -1 ? next : next.slice(0, unsure))) {
      if (!(await this.turn.take(() => this.applier.settle({ messages: chunk, reopened: streamId })))) return;
    }
  }

  /** What the owner has published; undefined when it cannot be asked. */
  private async fetch(first: Message, after: Mark): Promise<readonly Message[] | undefined> {
    try {
      return await this.options.history?.(first.topic, first.key, after);
    } catch (error) {
      this.options.alarm(`inbox of ${this.options.consumer}: the history of ${first.key} cannot be read`, error);
      return undefined;
    }
  }

  private async attempt(work: () => Promise<unknown>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await work();
        return;
      } catch (error) {
        if (!(error instanceof Overtaken || isContention(error)) || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }
}

/** Each version once, without those of a lost branch; of several under one version the last given counts. */
function inOrder(messages: readonly Message[]): Message[] {
  const unique = [
    ...new Map(messages.map((message) => [`${markOf(message).epoch}.${message.version}`, message])).values(),
  ];
  const newest = Math.max(...unique.map((message) => markOf(message).epoch));
  const newer = unique.filter((message) => markOf(message).epoch === newest);
  return unique
    .filter((message) => !newer.some((each) => supersedes(each, message)))
    .sort((a, b) => a.version - b.version);
}

const chunks = (messages: readonly Message[]): Message[][] =>
  Array.from({ length: Math.ceil(messages.length / CHUNK) }, (_, i) => messages.slice(i * CHUNK, (i + 1) * CHUNK));
