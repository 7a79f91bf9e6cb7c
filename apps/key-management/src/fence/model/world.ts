/** What a step waits for: a condition or a time on the clock of its machine, whichever comes first. Nothing: it may go on at any moment, and may be kept for any time. */
export interface Wait {
  readonly until?: () => boolean;
  readonly at?: number;
}
/** Work in steps. Between two of them anything may happen: a pause, a crash, the steps of others. */
export type Steps<A = void> = Generator<Wait, A, void>;
/** For whom a step is done. A run holds requests or revocations back while the house goes on. */
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
const ROUNDING_MS = 1e-6;

/** A process and the clocks of its host: one that drifts, one that is set. */
export class Machine {
  life = 0;
  alive = true;
  paused = false;
  wallStepMs = 0;

  constructor(
    private readonly world: World,
    readonly name: string,
    readonly rate: number,
  ) {}

  get monotonic(): number {
    return this.world.now * this.rate;
  }

  get wall(): number {
    return this.monotonic + this.wallStepMs;
  }

  /** Kill -9. What it has sent is under way and arrives. */
  kill(): void {
    this.alive = false;
    this.paused = false;
    this.life++;
  }
}

/** Virtual time, and all that is to be done in it. Who is next is drawn from outside. */
export class World {
  now = 0;
  private tasks: Task[] = [];
  private readonly cuts = new Set<string>();
  private concern: Concern = 'house';
  /** Which of the next messages of a machine are to be late. */
  private readonly late = new Map<Machine, number>();

  /** @param observe is called after every step and every passing of time. */
  constructor(private readonly observe: () => void) {}

  start(on: Machine, steps: Steps<unknown>, concern = this.concern): void {
    this.tasks.push({ on, life: on.life, concern, steps, from: undefined, delayed: false, wait: SOON });
  }

  /** Whatever is sent may be late, overtaken or lost. */
  send(from: Machine, to: Machine, steps: Steps<unknown>): void {
    const left = (this.late.get(from) ?? Infinity) - 1;
    this.late.set(from, left < 0 ? Infinity : left);
    this.tasks.push({ on: to, life: to.life, concern: this.concern, steps, from, delayed: left === 0, wait: SOON });
  }

  /** Asks another process; undefined when no answer came in time, and then nobody knows whether it did what was asked, or will. */
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
  step(number: number): void {
    const ready = this.tasks.filter((task) => this.isReady(task));
    const task = ready[number % ready.length];
    if (task) this.do(task);
  }

  /** Does some steps for one concern only, as far as it gets. */
  press(concern: Concern, number: number, count: number): void {
    for (let done = 0; done < count; done++) {
      const ready = this.tasks.filter((task) => task.concern === concern && this.isReady(task));
      const task = ready[number % ready.length];
      if (!task) return;
      this.do(task);
    }
  }

  lose(number: number): void {
    const messages = this.tasks.filter(({ from }) => from);
    const lost = messages[number % messages.length];
    this.tasks = this.tasks.filter((task) => task !== lost);
  }

  /** Time passes and everything is done without delay, but for the concerns that are held back. */
  live(ms: number, held: readonly Concern[] = []): void {
    for (const end = this.now + ms; ;) {
      this.settle(held);
      let next = end;
      for (const task of this.tasks)
        if (task.wait.at !== undefined && this.canRun(task) && !held.includes(task.concern))
          next = Math.min(next, task.wait.at / task.on.rate);
      this.pass(Math.max(next - this.now, 0) + ROUNDING_MS);
      if (this.now >= end) return this.settle(held);
    }
  }

  private settle(held: readonly Concern[]): void {
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const task = this.tasks.find((each) => !held.includes(each.concern) && this.isReady(each));
      if (!task) return;
      this.do(task);
    }
  }

  private do(task: Task): void {
    task.from = undefined;
    this.concern = task.concern;
    const { done, value } = task.steps.next();
    this.concern = 'house';
    this.tasks.splice(this.tasks.indexOf(task), 1);
    if (!done) {
      task.wait = value;
      this.tasks.push(task);
    }
    this.observe();
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
