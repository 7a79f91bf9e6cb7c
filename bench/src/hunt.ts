import { setTimeout as pause } from 'node:timers/promises';
import { Visitor } from '#testing';
import { Connections, type Judge, type Shot } from './connections.ts';
import type { Aim } from './open-loop.ts';
import type { KnownKey } from './product-keys.ts';
import { asks } from './questions.ts';
import { type PreparedGate, VERIFY_PATH } from './prepared-gate.ts';

/** A key and what is known of its revocation, by the one clock of this process. */
interface Prey extends KnownKey {
  /** When the first request to revoke it was sent. */
  askedAt: number;
  /** When that call had returned: every request that is sent later must be refused. */
  returnedAt: number;
}

interface KeyShot extends Shot {
  readonly prey: Prey;
}

/** What was seen so far. */
export interface Seen {
  requests: number;
  /** Requests with a revoked key that were sent after the call that revoked it had returned. */
  afterReturn: number;
  /** Of these, the accepted ones: the promise is that there are none. */
  accepted: number;
  /** Good keys refused, answers that name another key, answers that the hunt does not know. */
  wrong: number;
  /** 503: it could not be decided. */
  undecided: number;
  revoked: number;
  example: string;
}

/** Keys next in line to be revoked, so that gateways know them well; and how far back revoked ones are asked for. */
const IN_DANGER = 32;
const FRESH = 64;
const PROBES = 2;
/** Of a hundred requests: keys that stay, keys about to go, keys just gone, keys gone at any time. */
const SHARES = { staying: 55, inDanger: 35, fresh: 5 } as const;

/**
 * Requests to every gateway while keys are revoked, one after the other, with the instant of each request known: whether
 * anything that was sent after a revocation had returned is accepted.
 */
export class Hunt {
  readonly seen: Seen = { requests: 0, afterReturn: 0, accepted: 0, wrong: 0, undecided: 0, revoked: 0, example: '' };
  private readonly staying: Prey[];
  private readonly herd: Prey[];
  private readonly gone: Prey[] = [];
  private readonly probes: Connections<KeyShot>[];
  private readonly bytes: readonly ((prey: Prey) => Buffer)[];

  constructor(
    private readonly ground: PreparedGate,
    staying: number,
  ) {
    const prey = ground.good.map((key): Prey => ({ ...key, askedAt: Infinity, returnedAt: Infinity }));
    this.staying = prey.slice(0, staying);
    this.herd = prey.slice(staying);
    this.bytes = ground.ports.map((port) => {
      const write = asks(port, VERIFY_PATH);
      return ({ secret }) => Buffer.from(write(secret));
    });
    this.probes = ground.ports.map((port) => new Connections<KeyShot>(port, PROBES, this.judge));
  }

  get left(): number {
    return this.herd.length;
  }

  /** One aim a gateway. */
  aims(connections: number): Aim<KeyShot>[] {
    return this.ground.ports.map((port, n) => ({
      port,
      connections,
      judge: this.judge,
      next: () => this.shot(n, this.pick()),
    }));
  }

  /** Revokes the next key and asks every gateway for it at once when that has returned. How long the call took. */
  async revoke(revoker: Pick<Revoker, 'revoke'>): Promise<number> {
    const prey = this.herd[0];
    if (!prey) throw new Error('there is no key left to revoke');
    const from = performance.now();
    prey.askedAt = Math.min(prey.askedAt, from);
    await revoker.revoke(prey.keyId);
    const returnedAt = performance.now();
    // Another gateway may have been asked meanwhile, because this one did not answer.
    if (prey.returnedAt === Infinity) {
      prey.returnedAt = returnedAt;
      this.seen.revoked++;
      this.herd.splice(this.herd.indexOf(prey), 1);
      this.gone.push(prey);
    }
    for (const [n, connections] of this.probes.entries())
      for (let probe = 0; probe < PROBES; probe++) connections.fire(this.shot(n, prey), performance.now());
    return returnedAt - from;
  }

  close(): void {
    for (const connections of this.probes) connections.close();
  }

  private shot(n: number, prey: Prey): KeyShot {
    return { bytes: this.bytes[n]?.(prey) ?? Buffer.alloc(0), prey };
  }

  private pick(): Prey {
    const chance = Math.random() * 100;
    const found =
      chance < SHARES.staying || this.gone.length === 0
        ? among(this.staying)
        : chance < SHARES.staying + SHARES.inDanger
          ? among(this.herd, 0, IN_DANGER)
          : (among(
              this.gone,
              chance < SHARES.staying + SHARES.inDanger + SHARES.fresh ? this.gone.length - FRESH : 0,
            ) ?? this.staying[0]);
    if (!found) throw new Error('there is nothing to ask');
    return found;
  }

  private readonly judge: Judge<KeyShot> = ({ prey }, status, text, sentAt) => {
    const { seen } = this;
    seen.requests++;
    const isAfter = sentAt > prey.returnedAt;
    if (isAfter) seen.afterReturn++;
    if (status === 503) seen.undecided++;
    else if (status === 200 && isAfter)
      this.note(
        'accepted',
        `${prey.keyId} was sent ${(sentAt - prey.returnedAt).toFixed(3)} ms after the return and accepted`,
      );
    else if (status === 200 ? !text.includes(prey.keyId) : status !== 401 || prey.askedAt === Infinity)
      this.note('wrong', text.replace(/\r\n\r\n/, ' ').slice(0, 600));
  };

  private note(kind: 'accepted' | 'wrong', example: string) {
    this.seen[kind]++;
    this.seen.example ||= example;
  }
}

/** One of those between two places, by chance. */
function among<T>(all: readonly T[], from = 0, to = all.length): T | undefined {
  const [first, last] = [Math.max(0, from), Math.min(all.length, to)];
  return all[first + Math.floor(Math.random() * (last - first))];
}

/** A person who may revoke the keys, by one of the gateways. */
export interface Revoker {
  /** Returns when the call has. @throws when it is not confirmed. */
  revoke(keyId: string): Promise<void>;
  close(): void;
}

/** The keys' owner, on a connection of its own, so that nothing but the call is measured. */
export async function revoker(
  { owner, ports }: PreparedGate,
  n: number,
  password: string,
  email: string,
): Promise<Revoker> {
  const port = ports[n] ?? 0;
  // Each gateway has an origin of its own, and so a cookie of its own.
  const visitor = n === 0 ? owner.visitor : new Visitor(`http://localhost:${port}`);
  if (n > 0) await visitor.post('/v1/sessions', { email, password });
  let done: (status: number, body: string) => void = () => undefined;
  const connections = new Connections<Shot>(
    port,
    1,
    (_shot, status, body) => {
      done(status, body);
    },
    () => {
      done(0, '');
    },
  );
  await pause(50);
  return {
    close: () => {
      connections.close();
    },
    revoke: (keyId) =>
      new Promise((returned, failed) => {
        // Also called when the connection is made anew: a request that waits then will get no answer.
        done = (status, body) => {
          if (status === 200 && body.includes(keyId)) returned();
          else failed(new Error(`revoke was answered with ${status}`));
        };
        const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const bytes = Buffer.from(
          `POST /v1/keys/${keyId}/revoke HTTP/1.1\r\nHost: localhost:${port}\r\nCookie: ${cookie}\r\nRollcall-Client: bench\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
        );
        if (!connections.fire({ bytes }, performance.now())) failed(new Error('the gateway is not reached'));
      }),
  };
}
