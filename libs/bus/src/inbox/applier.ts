import type { Message } from '../port/bus.ts';
import { type Mark, NONE } from '../port/message.ts';
import type { DeliveredFact } from './delivered-fact.ts';
import { deliveredFact } from './delivered-fact.ts';
import { crashPoint } from '../port/crash-point.ts';
import { describe, isTransient } from '../port/failure.ts';
import type { InboxRunnerOptions } from './inbox.ts';
import { type Batch, halves, type Plan, plan, type StreamState } from './plan.ts';
import { moveOn, Overtaken, park, readStates } from './rows.ts';
import { unpark } from './parked.ts';

const TRIES_MAX = 3;

/** Called when a batch has been committed. */
export type Settled = (batch: Batch, parked: boolean) => void;

/** Applies batches, each in one transaction with offset and versions, and finds the one message that spoils a batch. */
export class InboxApplier {
  constructor(
    private readonly options: InboxRunnerOptions,
    private readonly settled: Settled,
  ) {}

  /**
   * Applies a batch; halves it when it fails for a reason that stays, down to the message, which is parked. False when a
   * reopened stream got stuck again. @throws what can be tried again later, and Overtaken.
   */
  async settle(batch: Batch): Promise<boolean> {
    try {
      await this.commit(batch);
      return true;
    } catch (error) {
      if (error instanceof Overtaken || isTransient(error)) throw error;
      const parts = halves(batch);
      if (!parts) return this.lastTries(batch, error);
      const first = await this.settle(parts[0]);
      // Behind a message that failed nothing of a reopened stream may be applied.
      if (!first && batch.reopened !== undefined) return false;
      return (await this.settle(parts[1])) && first;
    }
  }

  private async lastTries(batch: Batch, firstError: unknown): Promise<boolean> {
    let failure = firstError;
    for (let tries = 1; tries < TRIES_MAX; tries++) {
      try {
        await this.commit(batch);
        return true;
      } catch (error) {
        if (error instanceof Overtaken || isTransient(error)) throw error;
        failure = error;
      }
    }
    await this.commit(batch, failure);
    const message = batch.messages[0];
    this.options.alarm(
      `inbox of ${this.options.consumer}: ${message?.key} is parked at version ${message?.version} (${message?.type}); mend the cause and retry it, or skip it`,
      failure,
    );
    return false;
  }

  private around(messages: readonly Message[], work: () => Promise<void>): Promise<void> {
    return this.options.around ? this.options.around(messages, work) : work();
  }

  /** One transaction. With a failure the batch's only message is parked instead of applied. */
  private async commit(batch: Batch, failure?: unknown): Promise<void> {
    const { consumer, pool, store, inbox } = this.options;
    const states = await readStates(
      pool,
      consumer,
      batch.messages.map((message) => message.key),
    );
    const plans = failure === undefined ? plan(batch, states) : parkAll(batch, states, failure);
    const facts = plans.apply
      .map((message) => deliveredFact(message))
      .filter((fact): fact is DeliveredFact => fact !== undefined);
    const moving = { moves: batch.moves ?? [], versions: plans.versions };
    const wanted = inbox.takes ? facts.some((fact) => inbox.takes?.(fact)) : facts.length > 0;
    if (!wanted && plans.park.length === 0 && batch.reopened === undefined) {
      await moveOn(pool, consumer, { ...moving, soon: true });
      return this.moved(batch, false);
    }
    await store.transact(async (inside, tx) => {
      await moveOn(tx, consumer, { ...moving, soon: false });
      crashPoint('inbox:after-move');
      if (facts.length > 0) await this.around(plans.apply, () => inbox.receive(facts, { store: inside, sql: tx }));
      crashPoint('inbox:after-receive');
      await park(tx, consumer, plans.park, TRIES_MAX);
      if (plans.park.length > 0)
        inbox.parking?.(
          plans.park.map(({ message }) => message),
          tx,
        );
      if (batch.reopened !== undefined)
        await unpark(tx, consumer, batch.reopened, reached(batch.reopened, plans, states));
    });
    crashPoint('inbox:after-commit');
    this.moved(batch, plans.park.length > 0);
  }

  private moved(batch: Batch, parked: boolean): void {
    this.options.doorbell?.ring();
    this.settled(batch, parked);
  }
}

const reached = (streamId: string, plans: Plan, states: ReadonlyMap<string, StreamState>): Mark =>
  plans.versions.get(streamId)?.to ?? states.get(streamId)?.last ?? NONE;

const parkAll = (batch: Batch, states: ReadonlyMap<string, StreamState>, failure: unknown): Plan => {
  // A message that was applied meanwhile by another way is dropped as always.
  const waits = plan(batch, states);
  return {
    apply: [],
    versions: new Map(),
    park: [
      ...waits.park,
      ...waits.apply.map((message) => ({ message, state: 'failed' as const, error: describe(failure) })),
    ],
  };
};
