import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, SignedUp } from '#testing';
import { bodyOf } from '../answer-body.ts';
import { KINDS, type Kind, type Ledger, type Sent } from './ledger.ts';

const BELL = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  input: {
    gateset: 'qis',
    qubits: 2,
    circuit: [
      { gate: 'h', target: 0 },
      { gate: 'cnot', control: 0, target: 1 },
    ],
  },
};
const CHOICES = Object.keys(KINDS) as Kind[];

/** Whether commands can be sent at this moment. */
export interface Door {
  opened(): Promise<void>;
}

/** What a thing may be called: what was last acknowledged, or what was asked for since without an answer. */
export interface Names {
  readonly possible: Set<string>;
}

/** All commands that were sent; some may not have been carried out. */
export interface Tally {
  readonly sent: Map<string, Kind>;
  /** Refusals that say that something acknowledged is not there. */
  readonly wrong: string[];
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: object;
  readonly done: (answer: Answer) => string;
  readonly doubt: () => void;
}

/** One account at work, one command after the other, so that it always knows what it should find. */
export class Worker {
  readonly names: Names = { possible: new Set(['Ada']) };
  readonly projects = new Map<string, Names>();
  readonly keys = new Map<string, 'active' | 'revoked' | 'doubtful'>();
  readonly jobs: string[] = [];
  private ending = false;
  private made = 0;

  constructor(
    readonly person: SignedUp,
    readonly secret: string,
    private readonly random: () => number,
    private readonly door: Door,
    private readonly ledger: Ledger,
    private readonly tally: Tally,
  ) {}

  async work(): Promise<void> {
    while (!this.ending) await this.command(this.pick(CHOICES) ?? 'changeName');
  }

  stop(): void {
    this.ending = true;
  }

  /** Sends it; without an answer, every other time once more under the same Idempotency-Key. */
  private async command(kind: Kind) {
    const request = this.request(kind);
    if (!request) return;
    const sent: Sent = { kind, trace: randomBytes(16).toString('hex') };
    const headers = {
      traceparent: `00-${sent.trace}-${randomBytes(8).toString('hex')}-01`,
      ...(request.method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      ...(kind === 'submitJob' ? { authorization: `apiKey ${this.secret}` } : {}),
    };
    this.tally.sent.set(sent.trace, kind);
    const triesMax = this.random() < 0.5 ? 2 : 1;
    for (let tries = 1; tries <= triesMax; tries++) {
      await this.door.opened();
      const answer = await this.person.visitor
        .send(request.method, request.path, request.body, headers)
        .catch(() => undefined);
      if (answer && answer.status < 300) return this.ledger.write({ ...sent, subject: request.done(answer) });
      if (tries === 1) request.doubt();
      if (answer && answer.status < 500 && answer.status !== 429 && answer.status !== 409)
        this.tally.wrong.push(`${kind} was answered with ${answer.status} ${bodyOf(answer).code}`);
      await pause(50);
    }
  }

  private request(kind: Kind): Request | undefined {
    const name = `${kind} ${++this.made}`;
    const { accountId, organizationId, projectId } = this.person;
    switch (kind) {
      case 'changeName':
        return { method: 'PUT', path: '/v1/account/name', body: { name }, ...renamed(this.names, name, accountId) };
      case 'createProject':
        return {
          method: 'POST',
          path: `/v1/organizations/${organizationId}/projects`,
          body: { name },
          doubt: nothing,
          done: (answer) => {
            this.projects.set(bodyOf(answer).id, { possible: new Set([name]) });
            return bodyOf(answer).id;
          },
        };
      case 'renameProject': {
        const [id, names] = this.pick([...this.projects]) ?? [];
        return id === undefined || !names
          ? undefined
          : { method: 'POST', path: `/v1/projects/${id}/rename`, body: { name }, ...renamed(names, name, id) };
      }
      case 'issueKey':
        return {
          method: 'POST',
          path: '/v1/keys',
          body: { name, projectId },
          doubt: nothing,
          done: (answer) => {
            this.keys.set(bodyOf(answer).key.id, 'active');
            return bodyOf(answer).key.id;
          },
        };
      case 'revokeKey': {
        const id = this.pick([...this.keys].flatMap(([keyId, status]) => (status === 'active' ? [keyId] : [])));
        return id === undefined
          ? undefined
          : {
              method: 'POST',
              path: `/v1/keys/${id}/revoke`,
              body: {},
              doubt: () => {
                this.keys.set(id, 'doubtful');
              },
              done: () => {
                this.keys.set(id, 'revoked');
                return id;
              },
            };
      }
      case 'submitJob':
        return {
          method: 'POST',
          path: '/v0.4/jobs',
          body: BELL,
          doubt: nothing,
          done: (answer) => {
            this.jobs.push(bodyOf(answer).id);
            return bodyOf(answer).id;
          },
        };
    }
  }

  private pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.random() * from.length)];
  }
}

const nothing = () => undefined;

function renamed({ possible }: Names, name: string, subject: string): Pick<Request, 'done' | 'doubt'> {
  return {
    doubt: () => {
      possible.add(name);
    },
    done: () => {
      possible.clear();
      possible.add(name);
      return subject;
    },
  };
}
