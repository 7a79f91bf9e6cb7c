import { Database, type Key, KEYS, type Subject, SUBJECTS, subjectsOf } from './database.ts';
import { Gateway } from './gateway.ts';
import { Replica } from './key-management.ts';
import { RULES, type Rules } from './rules.ts';
import { type Concern, Machine, type Steps, World } from './world.ts';

/** How fast each clock runs: up to 1 % off. Gateways first, then replicas of key-management. */
export interface Layout {
  readonly gateways: readonly number[];
  readonly replicas: readonly number[];
  /** Begins with leases granted and every key asked for. */
  readonly warm: boolean;
}
export const COMMANDS = [
  'request',
  'revoke',
  'step',
  'press request',
  'press revocation',
  'press house',
  'live',
  'live but requests',
  'live but revocations',
  'pass',
  'lose',
  'delay',
  'arrive',
  'cut',
  'heal',
  'pause',
  'resume',
  'kill',
  'start',
  'stop',
  'turn',
  'set wall',
  'promote',
  'connect',
] as const;
/** A command and two numbers that say of what and how much. */
export type Command = readonly [what: (typeof COMMANDS)[number], one: number, other: number];

export const SPANS_MS = [1, 20, 300, 1_000, 2_500, 5_000, 9_000, 9_900, 10_200, 11_000] as const;
const WALL_STEPS_MS = [-3_600_000, -9_000, -1_000, 1_000, 9_000, 3_600_000] as const;
const AT_ONCE_MS = 100;
const WARM_UP_MS = 1_500;
/** Longer than a lease with its margin, and than every call that still waits. */
const RECOVERY_MS = 25_000;

/** What was not held: the promise itself; that no gateway accepts what it has applied the withdrawal of; that no revocation waits in vain for a gateway that has acknowledged it. */
export type Broken = 'promise' | 'heard' | 'in vain';

/** A gateway's place: the process in it comes and goes. */
interface Place {
  readonly machine: Machine;
  gateway: Gateway;
  asks: number;
}

/** All of it, and the judge who sees everything at once. */
export class House {
  readonly broken = new Set<Broken>();
  readonly counts = { accepted: 0, fromMemory: 0, refused: 0, unavailable: 0, revoked: 0, atOnce: 0, gaveUp: 0 };
  private readonly world = new World(() => {
    this.hammer();
  });
  private readonly returned = new Set<Subject>();
  private database = new Database(new Machine(this.world, 'database-1', 1));
  private readonly replicas: readonly Replica[];
  private readonly places: readonly Place[];
  private processes = 0;

  constructor(
    layout: Layout,
    private readonly rules: Rules = RULES,
  ) {
    this.replicas = layout.replicas.map(
      (rate, n) => new Replica(this.world, rules, new Machine(this.world, `replica-${n}`, rate), this.database),
    );
    for (const replica of this.replicas) this.world.start(replica.machine, replica.beat());
    this.places = layout.gateways.map((rate, n) => this.place(new Machine(this.world, `gateway-${n}`, rate)));
    if (!layout.warm) return;
    this.world.live(WARM_UP_MS);
    this.askForAll();
  }

  run(commands: readonly Command[]): this {
    for (const command of commands) this.obey(command);
    return this;
  }

  /** Everything works again, and each key is asked for. */
  recover(): this {
    this.world.heal();
    this.world.arrive();
    // Twice: those that were about to stop do so first.
    for (let round = 0; round < 2; round++) {
      for (const place of this.places) this.startGateway(place);
      for (const replica of this.replicas) this.startReplica(replica, this.database);
      this.world.live(RECOVERY_MS);
    }
    this.askForAll();
    return this;
  }

  /** By one replica, all that can be revoked. */
  revokeAll(): this {
    for (const subject of SUBJECTS) this.revoke(at(this.replicas, 0), subject);
    this.world.live(RECOVERY_MS);
    return this;
  }

  get remembersWhatIsGood(): boolean {
    return this.places.every(({ gateway }) =>
      KEYS.every((key) => !this.database.isGood(key) || gateway.remembers(key)),
    );
  }

  get isRevokedForGood(): boolean {
    return SUBJECTS.every((subject) => this.returned.has(subject));
  }

  private askForAll(): void {
    for (const { gateway } of this.places) for (const key of KEYS) this.request(gateway, key);
    this.world.live(0);
  }

  private obey([what, one, other]: Command): void {
    const { machine } = at(this.machines, one);
    switch (what) {
      case 'request':
        return this.request(at(this.places, one).gateway, at(KEYS, other));
      case 'revoke':
        return this.revoke(at(this.replicas, one), at(SUBJECTS, other));
      case 'step':
        return this.world.step(one);
      case 'press request':
      case 'press revocation':
      case 'press house':
        return this.world.press(what.slice('press '.length) as Concern, one, 1 + (other % 9));
      case 'live':
        return this.world.live(at(SPANS_MS, one));
      case 'live but requests':
        return this.world.live(at(SPANS_MS, one), ['request']);
      case 'live but revocations':
        return this.world.live(at(SPANS_MS, one), ['revocation']);
      case 'pass':
        return this.world.pass(at(SPANS_MS, one));
      case 'lose':
        return this.world.lose(one);
      case 'delay':
        return this.world.delay(machine, 1 + (other % 8));
      case 'arrive':
        return this.world.arrive();
      case 'cut':
        return this.world.cut(
          machine,
          at([this.database.machine, ...this.replicas.map((replica) => replica.machine)], other),
        );
      case 'heal':
        return this.world.heal();
      case 'pause':
        machine.paused = machine.alive;
        return;
      case 'resume':
        machine.paused = false;
        return;
      case 'kill':
        return machine.kill();
      case 'start':
        return this.start(one);
      case 'stop':
        return this.stop(at(this.places, one));
      case 'turn':
        at(this.places, one).asks = other;
        return;
      case 'set wall':
        machine.wallStepMs = at(WALL_STEPS_MS, other);
        return;
      case 'promote':
        return this.promote();
      case 'connect':
        return this.startReplica(at(this.replicas, one), this.database);
    }
  }

  private get machines(): readonly { machine: Machine }[] {
    return [...this.places, ...this.replicas];
  }

  /** The promise: what is sent after the revocation returned is not accepted. */
  private request(gateway: Gateway, key: Key): void {
    const late = subjectsOf(key).some((subject) => this.returned.has(subject));
    this.world.start(gateway.machine, this.judge(gateway, key, late), 'request');
  }

  private *judge(gateway: Gateway, key: Key, late: boolean): Steps {
    const outcome = yield* gateway.judge(key);
    this.counts[outcome]++;
    if (outcome !== 'accepted' && outcome !== 'fromMemory') return;
    if (late) this.broken.add('promise');
    if (subjectsOf(key).some((subject) => gateway.heard.has(subject))) this.broken.add('heard');
  }

  /** Clients ask for every key at every gateway all the time. Whatever memory would answer is answered in the same run, so it need not be played. */
  private hammer(): void {
    if (this.returned.size === 0) return;
    for (const { gateway } of this.places) {
      if (KEYS.some((key) => subjectsOf(key).some((subject) => this.returned.has(subject)) && gateway.remembers(key)))
        this.broken.add('promise');
    }
  }

  private revoke(replica: Replica, subject: Subject): void {
    if (replica.machine.alive) this.world.start(replica.machine, this.confirm(replica, subject), 'revocation');
  }

  private *confirm(replica: Replica, subject: Subject): Steps {
    const began = this.world.now;
    const { returned, gaveUp, gaveUpThoughAcknowledged } = yield* replica.revoke(subject);
    if (!returned) return;
    this.returned.add(subject);
    this.counts.revoked++;
    this.counts.gaveUp += gaveUp;
    if (this.world.now - began < AT_ONCE_MS) this.counts.atOnce++;
    if (gaveUpThoughAcknowledged) this.broken.add('in vain');
  }

  private place(machine: Machine): Place {
    const place: Place = { machine, asks: this.processes, gateway: this.born(machine, () => place.asks) };
    return place;
  }

  private born(machine: Machine, asks: () => number): Gateway {
    const gateway = new Gateway(this.world, this.rules, machine, `instance-${this.processes++}`, () =>
      at(this.replicas, asks()),
    );
    this.world.start(machine, gateway.keepLease());
    this.world.start(machine, gateway.keepFollowing());
    return gateway;
  }

  private start(one: number): void {
    const number = one % (this.places.length + this.replicas.length);
    const place = this.places[number];
    if (place) this.startGateway(place);
    else this.startReplica(at(this.replicas, number - this.places.length), this.database, true);
  }

  private startGateway(place: Place): void {
    place.machine.paused = false;
    if (place.machine.alive) return;
    place.machine.alive = true;
    place.gateway = this.born(place.machine, () => place.asks);
  }

  /** Starts it when it does not run; connects it to the primary of today when it should. */
  private startReplica(replica: Replica, database: Database, onlyIfDead = false): void {
    const { machine } = replica;
    machine.paused &&= onlyIfDead;
    if (!onlyIfDead || !machine.alive) replica.connect(database);
    if (machine.alive) return;
    machine.alive = true;
    this.world.start(machine, replica.beat());
  }

  private stop({ machine, gateway }: Place): void {
    if (machine.alive) this.world.start(machine, gateway.stop(), 'house');
  }

  private promote(): void {
    this.database = this.database.promoted(new Machine(this.world, `database-${this.database.epoch + 1}`, 1));
  }
}

function at<A>(list: readonly A[], number: number): A {
  const found = list[number % list.length];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}
