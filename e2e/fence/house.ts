import { GATE, type GateCode } from './code.ts';
import { Gateway, type Outcome } from './gateway.ts';
import { type KeyManagement, ModelledKeyManagement, type Replica } from './key-management.ts';
import { concerns, type Key, keyOf } from './keys.ts';
import { type Concern, Machine, type Steps, World } from './world.ts';

/** How fast each clock runs: up to 1 % off. Gateways first, then replicas of key-management. */
export interface Layout {
  readonly gateways: readonly number[];
  readonly replicas: readonly number[];
  /** Begins with leases granted and every key asked for. */
  readonly warm: boolean;
  /** Grants bring what is missing, and the stream only what is new; else all comes by the stream. */
  readonly brings: boolean;
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
  'sleep',
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
const uuid = (last: number) => `00000000-0000-4000-8000-${String(last).padStart(12, '0')}`;
/** Two keys of one account, and one of another. */
const KEYS = [keyOf(uuid(10), uuid(1)), keyOf(uuid(10), uuid(2)), keyOf(uuid(20), uuid(3))];
const AT_ONCE_MS = 100;
const WARM_UP_MS = 1_500;
/** Longer than a lease with its margin, and than every call that still waits. */
const RECOVERY_MS = 25_000;

/**
 * The broken guarantee: the promise itself; that no gateway accepts a key whose withdrawal it has applied; that no revocation gives up on a gateway
 * that has acknowledged it.
 */
export type Broken = 'promise' | 'heard' | 'in vain';

/** What the house is made of, where it is not the usual: the code of its gateways, its key-management, and its keys. */
export interface Material {
  readonly gate?: GateCode;
  readonly keys?: readonly Key[];
  readonly keyManagement?: (world: World, layout: Layout, broken: (what: Broken) => void) => KeyManagement;
}

/** A gateway's place: the process in it comes and goes. */
interface Place {
  readonly machine: Machine;
  gateway: Gateway;
  asks: number;
}

/** All of it, and the judge who sees everything at once. */
export class House {
  readonly broken = new Set<Broken>();
  readonly counts = { accepted: 0, fromMemory: 0, refused: 0, unavailable: 0, revoked: 0, atOnce: 0, waited: 0 };
  private readonly world = new World(() => {
    this.hammer();
  });
  private readonly returned = new Set<string>();
  private readonly keyManagement: KeyManagement;
  private readonly places: readonly Place[];
  private readonly keys: readonly Key[];
  private readonly gate: GateCode;
  private processes = 0;

  constructor(
    private readonly layout: Layout,
    {
      gate = GATE,
      keys = KEYS,
      keyManagement = (world, { replicas, brings }) => new ModelledKeyManagement(world, replicas, keys, brings),
    }: Material = {},
  ) {
    this.gate = gate;
    this.keys = keys;
    this.keyManagement = keyManagement(this.world, layout, (what) => this.broken.add(what));
    this.places = layout.gateways.map((rate, n) => this.place(new Machine(this.world, `gateway-${n}`, rate)));
  }

  async run(commands: readonly Command[]): Promise<this> {
    if (this.layout.warm) {
      await this.world.live(WARM_UP_MS);
      await this.askForAll();
    }
    for (const command of commands) await this.obey(command);
    return this;
  }

  /** Everything works again, and each key is asked for. */
  async recover(): Promise<this> {
    this.world.heal();
    this.world.arrive();
    // Twice: those that were about to stop do so first.
    for (let round = 0; round < 2; round++) {
      for (const place of this.places) this.startGateway(place);
      for (const replica of this.replicas) this.startReplica(replica);
      await this.world.live(RECOVERY_MS);
    }
    await this.askForAll();
    return this;
  }

  /** By one replica, all that can be revoked. */
  async revokeAll(): Promise<this> {
    for (const subject of this.subjects) this.revoke(at(this.replicas, 0), subject);
    await this.world.live(RECOVERY_MS);
    return this;
  }

  get remembersWhatIsGood(): boolean {
    return this.places.every(({ gateway }) =>
      this.keys.every((key) => !this.keyManagement.isGood(key) || gateway.remembers(key)),
    );
  }

  get isRevokedForGood(): boolean {
    return this.subjects.every((subject) => this.returned.has(subject));
  }

  private get replicas() {
    return this.keyManagement.replicas;
  }

  /** The subjects that a withdrawal can name: one key, or the account that two of them belong to. */
  private get subjects() {
    return [
      ...new Set(
        this.keys.flatMap(({ keyId, accountId }) =>
          this.keys.some((key) => key.accountId === accountId && key.keyId !== keyId) ? [keyId, accountId] : [keyId],
        ),
      ),
    ];
  }

  private async askForAll(): Promise<void> {
    for (const { gateway } of this.places) for (const key of this.keys) this.request(gateway, key);
    await this.world.live(0);
  }

  private async obey([what, one, other]: Command): Promise<void> {
    const { machine } = at(this.machines, one);
    switch (what) {
      case 'request':
        return this.request(at(this.places, one).gateway, at(this.keys, other));
      case 'revoke':
        return this.revoke(at(this.replicas, one), at(this.subjects, other));
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
          at([this.keyManagement.database, ...this.replicas.map((replica) => replica.machine)], other),
        );
      case 'heal':
        return this.world.heal();
      case 'pause':
        return machine.pause();
      // Of key-management it is asked that its clock runs.
      case 'sleep':
        return at(this.places, one).machine.sleep();
      case 'resume':
        return machine.resume();
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
        return machine.setWall(at(WALL_STEPS_MS, other));
      case 'promote':
        return this.keyManagement.promote();
      case 'connect':
        return this.startReplica(at(this.replicas, one));
    }
  }

  private get machines(): readonly { machine: Machine }[] {
    return [...this.places, ...this.replicas];
  }

  /** The promise: what is sent after the revocation returned is not accepted. */
  private request(gateway: Gateway, key: Key): void {
    const late = this.isReturned(key);
    this.world.start(
      gateway.machine,
      gateway.judge(key, (outcome) => {
        this.judge(gateway, key, late, outcome);
      }),
      'request',
    );
  }

  private judge(gateway: Gateway, key: Key, late: boolean, outcome: Outcome): void {
    this.counts[outcome]++;
    if (outcome !== 'accepted' && outcome !== 'fromMemory') return;
    if (late) this.broken.add('promise');
    if ([...gateway.heard].some((subject) => concerns(key, subject))) this.broken.add('heard');
  }

  /** Clients ask for every key at every gateway all the time. An answer from memory is given in the same run, so it need not be played. */
  private hammer(): void {
    if (this.returned.size === 0) return;
    for (const { gateway } of this.places) {
      if (this.keys.some((key) => this.isReturned(key) && gateway.remembers(key))) this.broken.add('promise');
    }
  }

  private isReturned(key: Key) {
    return [...this.returned].some((subject) => concerns(key, subject));
  }

  private revoke(replica: Replica, subject: string): void {
    if (replica.machine.alive) this.world.start(replica.machine, this.confirm(replica, subject), 'revocation');
  }

  private *confirm(replica: Replica, subject: string): Steps {
    const began = this.world.now;
    if (!(yield* replica.revoke(subject))) return;
    this.returned.add(subject);
    this.counts.revoked++;
    if (this.world.now - began < AT_ONCE_MS) this.counts.atOnce++;
    else this.counts.waited++;
  }

  private place(machine: Machine): Place {
    const place: Place = { machine, asks: this.processes++, gateway: this.born(machine, () => place.asks) };
    return place;
  }

  private born(machine: Machine, asks: () => number): Gateway {
    return new Gateway(this.world, machine, this.gate, () => at(this.replicas, asks()));
  }

  private start(one: number): void {
    const number = one % (this.places.length + this.replicas.length);
    const place = this.places[number];
    if (place) this.startGateway(place);
    else this.startReplica(at(this.replicas, number - this.places.length), true);
  }

  private startGateway(place: Place): void {
    place.machine.resume();
    if (place.machine.alive) return;
    place.machine.alive = true;
    place.gateway = this.born(place.machine, () => place.asks);
  }

  /** Starts it when it does not run; connects it to the primary of today when it should. */
  private startReplica(replica: Replica, onlyIfDead = false): void {
    const { machine } = replica;
    if (!onlyIfDead) machine.resume();
    if (!onlyIfDead || !machine.alive) replica.start();
  }

  private stop({ machine, gateway }: Place): void {
    if (machine.alive) this.world.start(machine, gateway.stop(), 'house');
  }
}

function at<A>(list: readonly A[], number: number): A {
  const found = list[number % list.length];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}
