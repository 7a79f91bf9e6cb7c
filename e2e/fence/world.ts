import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { Time } from '#platform';

/** What a step waits for: a condition or a time on the clock of its machine, whichever comes first. Nothing: it may go on at any moment, and may be kept for any time. */
export interface Wait {
  readonly until?: () => boolean;
  readonly at?: number;
}
/** Work in steps. Between two of them anything may happen: a pause, a crash, the steps of others. */
export type Steps<A = void> = Generator<Wait, A, void>;
/** The part that a step belongs to. A run holds requests or revocations back while the house goes on. */
export type Concern = 'request' | 'revocation' | 'house';

interface Task {
  readonly on: Machine;
  readonly life: number;
  readonly concern: Concern;
  readonly steps: Steps<unknown>;
  /** Set while it is a message under way. */
  from: Machine | undefined;
  delayed: boolean;
  wait: Wait;
}

const SOON: Wait = {};
const STEPS_MAX = 400;
/** The time that a step is given on a real server. A step that takes longer waits there for another transaction. */
const OUTSIDE_MAX_MS = 250;
const ROUNDING_MS = 1e-6;

/** A process and the clocks of its host: one that drifts, one that is set. */
export class Machine {
  life = 0;
  alive = true;
  paused = false;
  private wallStepMs = 0;
  private sleptMs = 0;
  private asleepSince: number | undefined;

  constructor(
    private readonly world: World,
    readonly name: string,
    readonly rate: number,
  ) {}

  get monotonic(): number {
    return ((this.asleepSince ?? this.world.now) - this.sleptMs) * this.rate;
  }

  get wall(): number {
    return this.world.now * this.rate + this.wallStepMs;
  }

  /** When its monotonic clock shows this. */
  at(monotonic: number): number {
    return monotonic / this.rate + this.sleptMs;
  }

  pause(): void {
    this.paused = this.alive;
  }

  /** Paused with its host: the monotonic clock stands still, too. Not where the other clock was set: a lease can bear one clock that is wrong. */
  sleep(): void {
    if (this.wallStepMs !== 0) return;
    this.pause();
    this.asleepSince ??= this.world.now;
  }

  /** Sets the other clock. Not where the host has slept. */
  setWall(stepMs: number): void {
    if (this.sleptMs === 0 && this.asleepSince === undefined) this.wallStepMs = stepMs;
  }

  resume(): void {
    this.paused = false;
    if (this.asleepSince !== undefined) this.sleptMs += this.world.now - this.asleepSince;
    this.asleepSince = undefined;
  }

  /** Kill -9. What it has sent is under way and arrives. */
  kill(): void {
    this.alive = false;
    this.resume();
    this.life++;
  }
}

/** Virtual time, and all that is to be done in it. Who is next is drawn from outside. */
export class World {
  /** No clock shows 0: to code that is no instant. */
  now = 1_000;
  private tasks: Task[] = [];
  private readonly cuts = new Set<string>();
  private concern: Concern = 'house';
  /** Something that code awaits has come, so it goes on before anything else is done. */
  private stirred = false;
  /** What a step has begun on a real server. */
  private outside: Promise<unknown> | undefined;
  /** Which of the next messages of a machine are to be late. */
  private readonly late = new Map<Machine, number>();

  /** @param observe is called after every step and every passing of time. */
  constructor(private readonly observe: () => void) {}

  /** Returns what calls it off. */
  start(on: Machine, steps: Steps<unknown>, concern = this.concern, wait = SOON): () => void {
    const task: Task = { on, life: on.life, concern, steps, from: undefined, delayed: false, wait };
    this.tasks.push(task);
    return () => {
      this.tasks = this.tasks.filter((each) => each !== task);
    };
  }

  /** The same for code that awaits: it begins, and goes on, in the machine's own steps. */
  run(on: Machine, call: () => void, wait = SOON): () => void {
    return this.start(on, this.stir(call), undefined, wait);
  }

  /** One step in which code that awaits runs until it waits. */
  *stir(call: () => void): Steps {
    this.stirred = true;
    call();
  }

  /** What code has promised, as steps; undefined where it was refused. */
  *promised<A>(begin: () => Promise<A>): Steps<A | undefined> {
    this.stirred = true;
    let settled = false;
    let answer: A | undefined;
    begin()
      .then(
        (value) => {
          answer = value;
        },
        () => undefined,
      )
      .finally(() => {
        settled = true;
      });
    yield { until: () => settled };
    return answer;
  }

  /** A statement on a real server: one step, as far as it need not wait there for another transaction. */
  *outsideOf<A>(begin: () => Promise<A>): Steps<A | undefined> {
    return yield* this.promised(() => {
      const done = begin();
      this.outside = done.catch(() => undefined);
      return done;
    });
  }

  /** `call` for code that awaits. Rejects with the signal. */
  ask<A>(
    from: Machine,
    to: Machine,
    timeoutMs: number,
    serve: () => Steps<A>,
    signal?: AbortSignal,
  ): Promise<A | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<A | undefined>();
    const { call, stir } = { call: this.call.bind(this), stir: this.stir.bind(this) };
    this.start(
      from,
      (function* () {
        const answer = yield* call(from, to, timeoutMs, serve);
        yield* stir(() => {
          resolve(answer);
        });
      })(),
    );
    signal?.addEventListener('abort', () => {
      reject(new Error('it was called off'));
    });
    return promise;
  }

  /** A message may be late, overtaken or lost. */
  send(from: Machine, to: Machine, steps: Steps<unknown>): void {
    const left = (this.late.get(from) ?? Infinity) - 1;
    this.late.set(from, left < 0 ? Infinity : left);
    this.tasks.push({ on: to, life: to.life, concern: this.concern, steps, from, delayed: left === 0, wait: SOON });
  }

  /** Asks another process; undefined when no answer came in time: then it is unknown whether that process did what was asked, or will. */
  *call<A>(from: Machine, to: Machine, timeoutMs: number, serve: () => Steps<A>): Steps<A | undefined> {
    const { life } = to;
    let answered = false;
    let answer: A | undefined;
    const bring = function* (value: A): Steps {
      answered = true;
      answer = value;
    };
    this.send(from, to, this.answer(to, from, serve, bring));
    yield { until: () => answered || to.life !== life, at: from.monotonic + timeoutMs };
    return answer;
  }

  private *answer<A>(from: Machine, to: Machine, serve: () => Steps<A>, bring: (value: A) => Steps): Steps {
    this.send(from, to, bring(yield* serve()));
  }

  cut(one: Machine, other: Machine): void {
    this.cuts.add(`${one.name} ${other.name}`).add(`${other.name} ${one.name}`);
  }

  heal(): void {
    this.cuts.clear();
  }

  /** Delays the nth message that a machine sends from now on, until delayed ones arrive. */
  delay(from: Machine, nth: number): void {
    this.late.set(from, nth);
  }

  arrive(): void {
    for (const task of this.tasks) task.delayed = false;
  }

  pass(ms: number): void {
    this.now += ms;
    this.observe();
  }

  /** Does one step of those that are possible, chosen by number. */
  async step(number: number): Promise<void> {
    const ready = this.tasks.filter((task) => this.isReady(task));
    const task = ready[number % ready.length];
    if (task) await this.do(task);
  }

  /** Does some steps for one concern only, as far as it gets. */
  async press(concern: Concern, number: number, count: number): Promise<void> {
    for (let done = 0; done < count; done++) {
      const ready = this.tasks.filter((task) => task.concern === concern && this.isReady(task));
      const task = ready[number % ready.length];
      if (!task) return;
      await this.do(task);
    }
  }

  lose(number: number): void {
    const messages = this.tasks.filter(({ from }) => from);
    const lost = messages[number % messages.length];
    this.tasks = this.tasks.filter((task) => task !== lost);
  }

  /** Time passes and everything is done without delay, but for the concerns that are held back. */
  async live(ms: number, held: readonly Concern[] = []): Promise<void> {
    for (const end = this.now + ms; ;) {
      await this.settle(held);
      let next = end;
      for (const task of this.tasks)
        if (task.wait.at !== undefined && this.canRun(task) && !held.includes(task.concern))
          next = Math.min(next, task.on.at(task.wait.at));
      this.pass(Math.max(next - this.now, 0) + ROUNDING_MS);
      if (this.now >= end) return this.settle(held);
    }
  }

  private async settle(held: readonly Concern[]): Promise<void> {
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const task = this.tasks.find((each) => !held.includes(each.concern) && this.isReady(each));
      if (!task) return;
      await this.do(task);
    }
  }

  private async do(task: Task): Promise<void> {
    task.from = undefined;
    this.concern = task.concern;
    const { done, value } = task.steps.next();
    const place = this.tasks.indexOf(task);
    if (place >= 0) this.tasks.splice(place, 1);
    if (!done) {
      task.wait = value;
      this.tasks.push(task);
    }
    if (this.outside) await this.patience(this.outside);
    this.outside = undefined;
    if (this.stirred) await turn();
    this.stirred = false;
    this.concern = 'house';
    this.observe();
  }

  private async patience(outside: Promise<unknown>) {
    const enough = new AbortController();
    await Promise.race([outside, delay(OUTSIDE_MAX_MS, undefined, { signal: enough.signal }).catch(() => undefined)]);
    enough.abort();
  }

  private canRun({ on, life, from, delayed }: Task): boolean {
    return (
      !delayed &&
      on.alive &&
      !on.paused &&
      on.life === life &&
      !(from && this.cuts.size > 0 && this.cuts.has(`${from.name} ${on.name}`))
    );
  }

  private isReady(task: Task): boolean {
    const { until, at } = task.wait;
    return (
      this.canRun(task) &&
      ((!until && at === undefined) || (at !== undefined && task.on.monotonic >= at) || (until?.() ?? false))
    );
  }
}

/** The clocks of a machine, and waits that end when it is its turn. */
export class MachineTime extends Time {
  constructor(
    private readonly world: World,
    private readonly machine: Machine,
  ) {
    super();
  }

  override monotonic(): number {
    return this.machine.monotonic;
  }

  override wall(): number {
    return this.machine.wall;
  }

  override later(ms: number, call: () => void): () => void {
    return this.world.run(this.machine, call, { at: this.machine.monotonic + ms });
  }

  override every(ms: number, call: () => void): () => void {
    let callOff = () => undefined as void;
    const again = () => {
      callOff = this.later(ms, again);
      call();
    };
    callOff = this.later(ms, again);
    return () => {
      callOff();
    };
  }

  override soon(call: () => void): void {
    this.world.run(this.machine, call);
  }

  override pause(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((over) => {
      const callOff = this.later(ms, over);
      signal?.addEventListener('abort', () => {
        callOff();
        over();
      });
    });
  }
}
