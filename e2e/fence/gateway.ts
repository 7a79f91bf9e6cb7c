import { Clock, type Logger, type Peers, Problem } from '#platform';
import type { GatewayConfig } from '../../apps/gateway/src/config.ts';
import type { KeyUses } from '../../apps/gateway/src/gate/key-uses.ts';
import type { GateCode } from './code.ts';
import type { Replica } from './key-management.ts';
import { INSTALLATION_KEY, type Key, KEY_PREFIX } from './keys.ts';
import { type Machine, MachineTime, type Steps, type World } from './world.ts';

const CALL_MAX_MS = 2_000;
const FOLLOWING_MAX_MS = 6_000;
const VERDICTS_MAX = 100;
const ADDRESS = '203.0.113.7';
const CONFIG = { installationKey: INSTALLATION_KEY, keyPrefix: KEY_PREFIX } as GatewayConfig;

export type Outcome = 'fromMemory' | 'accepted' | 'refused' | 'unavailable';

/** One life of a gateway process: the code that gateways run, on the clocks, timers and network of its machine. */
export class Gateway {
  /** Every withdrawal that this process has applied since it registered: for the judge of the model, not for the code. */
  readonly heard = new Set<string>();
  private readonly lease: InstanceType<GateCode['CacheLease']>;
  private readonly gate: InstanceType<GateCode['KeyGate']>;
  private readonly cache: InstanceType<GateCode['VerdictCache']>;

  /** @param replica is the key-management replica that it asks at this moment. */
  constructor(
    private readonly world: World,
    readonly machine: Machine,
    code: GateCode,
    private readonly replica: () => Replica,
  ) {
    const { heard } = this;
    this.cache = new (class extends code.VerdictCache {
      override clear(seq: number): void {
        heard.clear();
        super.clear(seq);
      }

      override withdraw(subjects: readonly string[], seq: number): void {
        for (const subject of subjects) heard.add(subject);
        super.withdraw(subjects, seq);
      }
    })(VERDICTS_MAX);
    const time = new MachineTime(world, machine);
    const peers = { of: () => this.peer } as unknown as Peers;
    this.lease = new code.CacheLease(peers, this.cache, SILENT, time);
    this.gate = new code.KeyGate(
      peers,
      new MachineClock(machine),
      CONFIG,
      this.cache,
      this.lease,
      { record: () => undefined } as unknown as KeyUses,
      time,
    );
    world.run(machine, () => {
      this.lease.onApplicationBootstrap();
    });
  }

  /** A client sends a key. What becomes of it is told in the very run in which the code decides it. */
  judge({ secret }: Key, tell: (outcome: Outcome) => void): Steps {
    return this.world.stir(() => {
      try {
        const held = this.gate.judge(secret, ADDRESS);
        if (!('then' in held)) return tell('fromMemory');
        held.then(
          () => {
            tell('accepted');
          },
          (error: unknown) => {
            tell(outcomeOf(error));
          },
        );
      } catch (error) {
        tell(outcomeOf(error));
      }
    });
  }

  /** Whether a request that arrives now is answered from memory, and accepted. */
  remembers({ kept }: Key): boolean {
    return this.machine.alive && this.lease.held && this.cache.find(kept) !== undefined;
  }

  /** A clean stop. */
  *stop(): Steps {
    yield* this.world.promised(() => this.lease.beforeApplicationShutdown());
    yield {};
    this.machine.kill();
  }

  /** Key-management, as far as a gateway sees it: a message may be late, lost or never answered. */
  private readonly peer = {
    register: () => this.ask((replica) => replica.register()),
    renew: (request: Parameters<Replica['renew']>[0]) => this.ask((replica) => replica.renew(request)),
    leave: (request: Parameters<Replica['leave']>[0]) => this.ask((replica) => replica.leave(request)),
    verifyKeys: (request: Parameters<Replica['verify']>[0]) => this.ask((replica) => replica.verify(request)),
    follow: (request: Parameters<Replica['follow']>[0], { signal }: { signal: AbortSignal }) =>
      this.follow(request, signal),
  };

  private async *follow(request: Parameters<Replica['follow']>[0], signal: AbortSignal) {
    for (let { after } = request; ;) {
      const coming = await this.ask((replica) => replica.follow({ ...request, after }), FOLLOWING_MAX_MS, signal);
      if (coming === 'forgotten')
        throw new Problem('request/invalid', 'What came after that is no longer known: register anew.');
      for (const withdrawals of coming) {
        yield withdrawals;
        after = withdrawals.seq;
      }
    }
  }

  private async ask<A>(
    serve: (replica: Replica) => Steps<A | undefined>,
    timeoutMs = CALL_MAX_MS,
    signal?: AbortSignal,
  ): Promise<A> {
    const replica = this.replica();
    const answer = await this.world.ask(this.machine, replica.machine, timeoutMs, () => serve(replica), signal);
    if (answer === undefined) throw new Problem('service/unavailable', 'No answer came in time.');
    return answer;
  }
}

class MachineClock extends Clock {
  constructor(private readonly machine: Machine) {
    super();
  }

  now(): Date {
    return new Date(this.machine.wall);
  }
}

export const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
} as unknown as Logger;

const outcomeOf = (error: unknown): Outcome =>
  error instanceof Problem && error.code === 'key/refused' ? 'refused' : 'unavailable';
