import { setTimeout as pause } from 'node:timers/promises';
import { type InboxRunner, type Mark, reaches } from '#bus';
import type { Topic } from '#contracts';
import type { OwnerHistory } from './owner-history.ts';

const AGAIN_WITHIN_MS = 1_000;
const AGAIN_AFTER_MS = 25;

/** Streams of other services, as far as they were applied here; and the way past a late bus. */
export class ForeignStreams {
  constructor(
    private readonly runner: InboxRunner,
    private readonly history: OwnerHistory,
  ) {}

  /**
   * Applies what a stream's owner has published and the bus has not brought yet, through the inbox's own function:
   * a later delivery of the same is dropped. Returns how far it is applied; version 0 when there is no such stream. Waits `timeoutMs` for the owner at most.
   */
  async catchUp(topic: Topic, streamId: string, timeoutMs?: number): Promise<Mark> {
    for (const deadline = performance.now() + AGAIN_WITHIN_MS; ;) {
      try {
        return await this.apply(topic, streamId, timeoutMs);
      } catch (error) {
        // The bus may bring the same at this very moment, and one of the two is overtaken: soon it is there either way.
        if (performance.now() > deadline) throw error;
        await pause(AGAIN_AFTER_MS);
      }
    }
  }

  private async apply(topic: Topic, streamId: string, timeoutMs?: number): Promise<Mark> {
    const messages = await this.history.read(topic, streamId, await this.runner.applied(streamId), timeoutMs);
    if (messages.length > 0) await this.runner.receiveHistory(messages);
    return this.runner.applied(streamId);
  }

  /** Whether all that a stream says up to a mark holds here; a version of a lost branch is another. Of epoch 0: up to that version, in any epoch. */
  async holds(streamId: string, mark: Mark): Promise<boolean> {
    return reaches(await this.runner.applied(streamId), mark);
  }
}
