import type { Append, Appended } from '../decision/event-store.ts';
import type { PostgresEventStore } from './postgres-event-store.ts';
import { isAboutConnection } from '../decision/errors.ts';

/** An append that waits for its turn. */
interface Waiting {
  readonly append: Append;
  readonly done: (appended: Appended) => void;
  readonly failed: (error: unknown) => void;
}

const BATCH_MAX = 128;

/**
 * Stands before a store where many callers append at once: what waits while one statement is under way goes together in
 * the next, which costs two to three times less. A batch that fails is halved down to the append that spoils it, so that it
 * fails its own caller and nobody else; no savepoints, which overflow PostgreSQL's snapshots. Opt-in: a single caller waits
 * no shorter. Appends that take or release names go alone, as they lock rows of other streams.
 */
export class AppendBatcher {
  private waiting: Waiting[] = [];
  private running = false;

  constructor(private readonly store: Pick<PostgresEventStore, 'append' | 'appendMany'>, private readonly batchMax: number = BATCH_MAX) {}

  /** As the store's own: the same answers, the same errors. */
  append(append: Append): Promise<Appended> {
    if ((append.take?.length ?? 0) + (append.release?.length ?? 0) > 0 || append.events.length === 0) return this.store.append(append);
    return new Promise((done, failed) => {
      this.waiting.push({ append, done, failed });
      if (!this.running) void this.run();
    });
  }

  private async run() {
    this.running = true;
    // Whoever asks in the same turn of the event loop is in the first batch.
    await new Promise<void>((soon) => setImmediate(soon));
    while (this.waiting.length > 0) await this.settle(this.next());
    this.running = false;
  }

  /** Of each stream one append at a time: the next one builds on it. */
  private next(): Waiting[] {
    const streams = new Set<string>();
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    for (const item of this.waiting) {
      if (batch.length === this.batchMax || streams.has(item.append.streamId)) rest.push(item);
      else batch.push(item);
      streams.add(item.append.streamId);
    }
    this.waiting = rest;
    return batch;
  }

  private async settle(batch: readonly Waiting[]): Promise<void> {
    const [only] = batch;
    if (batch.length === 1 && only) return this.store.append(only.append).then(only.done, only.failed);
    try {
      const appended = await this.store.appendMany(batch.map(({ append }) => append));
      batch.forEach(({ done }, i) => { done(appended[i] ?? { streamId: '', version: 0, repeated: false }); });
    } catch (error) {
      // Halving helps against what a caller has brought, not against a database that is away.
      if (isAboutConnection(error)) batch.forEach(({ failed }) => { failed(error); });
      else for (const half of [batch.slice(0, batch.length >> 1), batch.slice(batch.length >> 1)]) await this.settle(half);
    }
  }
}
