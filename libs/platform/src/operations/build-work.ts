import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { operations } from '#contracts';
import type { ServiceConfig } from '../base/config.ts';
import { Problem } from '../base/problem.ts';
import type { Outcome, Step, WorkOrder } from './build-worker.ts';

type WorkerMessage = { step: Step } | { outcome: Outcome } | { error: { name: string; message: string } };

/** What happens to a read model: the steps as they come, then what came out. */
export type Work = Omit<WorkOrder, 'config'>;

/** A step of which nothing is said yet. */
export const NOTHING: operations.Progress = {
  phase: '',
  done: 0,
  total: 0,
  rate: 0,
  says: '',
  n: 0,
  checksums: [],
  differing: [],
  pauseMs: 0,
};

export const ownerRequired = (service: string): Problem =>
  new Problem(
    'projection/owner-required',
    `${service} knows its database as its own role alone, which owns no table. Start it with OWNER_DATABASE_URL for this.`,
  );

const PROBLEMS = {
  BuildRunning: 'projection/busy',
  NoSuchBuild: 'projection/unknown',
  BuildsDiffer: 'projection/differs',
} as const;

/**
 * Works on a read model in a thread of its own, so that the service answers as ever. When its listener is gone it stops
 * at the next safe place; the same order again goes on from there. @throws Problem
 */
export async function* buildWork(
  work: Work,
  config: ServiceConfig,
): AsyncGenerator<{ step: Step } | { outcome: Outcome }> {
  const { ownerDatabaseUrl, peers, callerKey, tlsCa, tlsCert, tlsKey } = config;
  if (ownerDatabaseUrl === undefined) throw ownerRequired(work.service);
  const program = new URL(import.meta.url.endsWith('.ts') ? './build-worker.ts' : './build-worker.js', import.meta.url);
  const worker = new Worker(program, {
    workerData: { ...work, config: { ownerDatabaseUrl, peers, callerKey, tlsCa, tlsCert, tlsKey } } satisfies WorkOrder,
  });
  const messages: WorkerMessage[] = [];
  let ended = false;
  let failure: unknown;
  const bell = new EventTarget();
  const ring = () => bell.dispatchEvent(new Event('ring'));
  worker.on('message', (message: WorkerMessage) => {
    messages.push(message);
    ring();
  });
  worker.on('error', (error) => {
    failure = error;
    ring();
  });
  worker.on('exit', () => {
    ended = true;
    ring();
  });
  try {
    while (!ended || messages.length > 0) {
      const message = messages.shift();
      if (message === undefined) {
        await once(bell, 'ring');
        continue;
      }
      if ('error' in message) throw buildProblem(message.error);
      yield message;
      if ('outcome' in message) return;
    }
    throw failure instanceof Error ? failure : new Error('the work on a read model ended without a word');
  } finally {
    worker.postMessage('stop');
    if (!ended) await once(worker, 'exit');
  }
}

/** What the caller reads of an error of building. */
export function buildProblem({ name, message }: { name: string; message: string }): Error {
  const code = Object.hasOwn(PROBLEMS, name) ? PROBLEMS[name as keyof typeof PROBLEMS] : undefined;
  return code === undefined ? new Error(message) : new Problem(code, message);
}
