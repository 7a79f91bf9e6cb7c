import type { Topic } from '#contracts';
import { BackOff, Doorbell } from '#event-sourcing';
import type { BusRecord, Follower, Following, Message, Partition, Resume } from '../port/bus.ts';
import { describe, isContention, isTransient } from '../port/failure.ts';
import type { InboxRunnerOptions } from './inbox.ts';
import { InboxApplier } from './applier.ts';
import { type Batch, merged } from './plan.ts';
import { Overtaken, type Place, readStates } from './rows.ts';
import { type Mark, NONE } from '../port/message.ts';
import { findPlace, PlaceLost } from './place.ts';
import { ParkedStreams } from './parked-streams.ts';
import { startFromHistory, wantsHistory } from '../history/start-from-history.ts';
import { Turn } from './turn.ts';

const CONTENTION_QUIET = 5;
const STANDS_AFTER = 3;

/** A partition at work. */
interface Reading {
  place: Place;
  readonly backOff: BackOff;
  /** The offset where the partition fails each time in the same way, although the message there is not even to be applied. */
  stuck?: { readonly at: number; readonly since: Date; readonly tries: number; readonly why: string };
}

const staysSo = (error: unknown) => !(error instanceof Overtaken || isTransient(error));

const stuckAt = ({ place: { next: at }, stuck }: Reading, error: unknown): NonNullable<Reading['stuck']> => ({
  at,
  since: stuck?.at === at ? stuck.since : new Date(),
  tries: stuck?.at === at ? stuck.tries + 1 : 1,
  why: describe(error),
});

const nameOf = ({ topic, partition }: Partition) => `${topic}/${partition}`;

/**
 * Brings facts from the bus to a service's inbox, effectively once: offset, versions and the inbox's own rows are one
 * transaction. One transaction at a time, as topics of one service often touch the same rows; what comes meanwhile shares the next.
 */
export class InboxRunner implements Follower {
  private readonly readings = new Map<string, Reading>();
  private readonly halted = new Map<string, string>();
  private readonly turn = new Turn();
  private readonly waiting: { batch: Batch; done: () => void; failed: (error: unknown) => void }[] = [];
  private readonly parkings = new Doorbell();
  private readonly applier: InboxApplier;
  private readonly parkedStreams: ParkedStreams;
  private following: Following | undefined;
  private readonly histories = new Map<Topic, Promise<void>>();
  private readonly ending = new AbortController();

  constructor(private readonly options: InboxRunnerOptions) {
    this.applier = new InboxApplier(options, (batch, parked) => this.settled(batch, parked));
    this.parkedStreams = new ParkedStreams(options, this.applier, this.turn, this.parkings);
  }

  async start(): Promise<void> {
    this.following ??= this.options.bus.follow(this.options.consumer, this.options.inbox.topics, this);
    this.parkedStreams.start();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await Promise.all([this.following?.stop(), this.parkedStreams.stop(), ...this.histories.values()]);
    this.following = undefined;
  }

  /** Partitions that are not read because their place is lost, or that stand still at a record which cannot even be parked, with what to do. */
  get faults(): readonly string[] {
    return [
      ...this.halted.values(),
      ...[...this.readings].flatMap(([name, { stuck }]) =>
        stuck && stuck.tries >= STANDS_AFTER ? [this.standing(name, stuck)] : [],
      ),
    ];
  }

  private standing(name: string, { at, since, why }: NonNullable<Reading['stuck']>): string {
    const { consumer } = this.options;
    return `${consumer} stands still at ${name}@${at} since ${since.toISOString()}: ${why}. Mend the cause, or leave the record out: "rollcall inbox skip ${consumer} ${name.replace('/', ' ')} ${at} --reason <why>"`;
  }

  /** What it reads. */
  get topics(): readonly Topic[] {
    return this.options.inbox.topics;
  }

  /** How far the inbox has applied a foreign stream; version 0 = not at all. */
  async applied(streamId: string): Promise<Mark> {
    return (await readStates(this.options.pool, this.options.consumer, [streamId])).get(streamId)?.last ?? NONE;
  }

  /** Whether facts of this stream wait, so that what is known about its subject may be out of date. */
  async isParked(streamId: string): Promise<boolean> {
    return (await readStates(this.options.pool, this.options.consumer, [streamId])).get(streamId)?.parked ?? false;
  }

  /**
   * Applies facts that were read from their owner, in order per stream, like those from the bus; when the bus brings them
   * later they are dropped. @throws what can be tried again later.
   */
  async receiveHistory(messages: readonly Message[]): Promise<void> {
    await this.parkedStreams.receive(messages);
  }

  async assigned(partition: Partition): Promise<number | 'halt'> {
    if (await this.readsHistory(partition)) return 'halt';
    try {
      const place = await findPlace(this.options, partition);
      this.readings.set(nameOf(partition), { place, backOff: new BackOff(50, this.options.backOffMaxMs) });
      this.halted.delete(nameOf(partition));
      this.parkings.notify();
      return place.next;
    } catch (error) {
      if (!(error instanceof PlaceLost)) throw error;
      this.halted.set(nameOf(partition), error.message);
      this.options.alarm(`inbox of ${this.options.consumer}`, error);
      return 'halt';
    }
  }

  async receive(partition: Partition, records: readonly BusRecord[]): Promise<Resume> {
    const reading = this.readings.get(nameOf(partition));
    const last = records.at(-1);
    if (!reading || !last) return { offset: records[0]?.offset ?? 0, afterMs: 1_000 };
    const messages = records.map((record) => record.message);
    const move = {
      ...partition,
      from: reading.place.next,
      to: last.offset + 1,
      lastEventId: last.message.eventId,
      offsets: records.map((record) => record.offset),
    };
    try {
      await this.settle({ messages, moves: [move] });
      reading.backOff.reset();
      delete reading.stuck;
      return { offset: reading.place.next };
    } catch (error) {
      return this.later(partition, reading, error);
    }
  }

  revoked(partition: Partition): void {
    this.readings.delete(nameOf(partition));
    this.halted.delete(nameOf(partition));
  }

  /** The offset that others have moved it to. While the history is read it stands still: then the bus is read on from where that puts it. */
  private async placeNow(partition: Partition, before: Place): Promise<Place> {
    return (await this.readsHistory(partition)) ? before : findPlace(this.options, partition);
  }

  /** Begins to read a topic from its owner where that comes first; the partition waits for its end. */
  private async readsHistory(partition: Partition): Promise<boolean> {
    const { owners, consumer, alarm } = this.options;
    const { topic } = partition;
    if (!this.histories.has(topic)) {
      if (!owners || !(await wantsHistory(this.options, partition))) return false;
      this.histories.set(
        topic,
        startFromHistory(this, this.options, topic, owners, this.ending.signal)
          .then(
            () => undefined,
            (error: unknown) => {
              if (!this.ending.signal.aborted) alarm(`inbox of ${consumer}: the history of ${topic}`, error);
            },
          )
          .finally(() => {
            this.histories.delete(topic);
            this.halted.delete(nameOf(partition));
          }),
      );
    }
    this.halted.set(
      nameOf(partition),
      `${consumer} reads the history of ${topic} from its owner before it goes on with the bus`,
    );
    return true;
  }

  /** Applies a batch together with those of other partitions that came while it waited for its turn. */
  private settle(batch: Batch): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ batch, done, failed });
      if (this.waiting.length > 1) return;
      void this.turn.take(async () => {
        const gathered = this.waiting.splice(0);
        try {
          await this.applier.settle(merged(gathered.map((each) => each.batch)));
          for (const each of gathered) each.done();
        } catch (error) {
          // One partition that stands still must not keep the others.
          if (gathered.length > 1 && staysSo(error))
            for (const each of gathered) await this.applier.settle(each.batch).then(each.done, each.failed);
          else for (const each of gathered) each.failed(error);
        }
      });
    });
  }

  private settled({ moves = [] }: Batch, parked: boolean) {
    for (const move of moves) {
      const reading = this.readings.get(nameOf(move));
      if (reading) reading.place = { next: move.to, lastEventId: move.lastEventId };
    }
    if (parked) this.parkings.notify();
  }

  private async later(partition: Partition, reading: Reading, error: unknown): Promise<Resume> {
    const afterMs = reading.backOff.next();
    if (staysSo(error)) reading.stuck = stuckAt(reading, error);
    const quiet = (error instanceof Overtaken || isContention(error)) && reading.backOff.count < CONTENTION_QUIET;
    if (!quiet) this.options.alarm(`inbox of ${this.options.consumer}, ${partition.topic}`, error);
    // Another member has moved the place, or an operator has taken it away: then it begins anew.
    if (error instanceof Overtaken)
      reading.place = await this.placeNow(partition, reading.place).catch(() => reading.place);
    return { offset: reading.place.next, afterMs: quiet ? Math.min(afterMs, 50) : afterMs };
  }
}
