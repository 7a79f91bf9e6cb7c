import { parentPort } from 'node:worker_threads';
import { STATES_MAX, toJson } from './outcome.ts';
import { simulate, type Task } from './simulate.ts';

/** What a worker answers: the probabilities as JSON text in bytes, or that there are too many. */
export type Answer = { readonly probabilities: Uint8Array<ArrayBuffer> } | { readonly tooManyStates: number };

// Loaded by Node itself, also from source: this file and what it imports keep to types that can be stripped.
parentPort?.on('message', (task: Task) => {
  const found = simulate(task);
  if (!found) return parentPort?.postMessage({ tooManyStates: STATES_MAX } satisfies Answer);
  const probabilities = new TextEncoder().encode(toJson(found));
  parentPort?.postMessage({ probabilities } satisfies Answer, [probabilities.buffer]);
});
