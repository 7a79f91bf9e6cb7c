import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { STATES_MAX, toJson } from './outcome.ts';
import type { Circuit, WrittenCircuit } from './circuit.ts';
import { simulate, type Task } from './simulate.ts';

/** What a worker is told. */
export interface Order extends Omit<Task, 'circuit'> {
  readonly circuit: WrittenCircuit;
}

/** Simulations run at the lowest priority: a request that a person waits for goes before them. */
const LOWEST = 19;

/** What a worker answers: the probabilities as JSON text in bytes, or that there are too many. */
export type Answer = { readonly probabilities: Uint8Array<ArrayBuffer> } | { readonly tooManyStates: number };

/** Linux alone gives each thread a priority of its own; elsewhere this would slow down the whole process. */
if (process.platform === 'linux') setPriority(LOWEST);

// Loaded by Node itself, also from source: this file and what it imports keep to types that can be stripped.
parentPort?.on('message', ({ circuit, ...task }: Order) => {
  const found = simulate({ ...task, circuit: JSON.parse(circuit.json) as Circuit });
  if (!found) return parentPort?.postMessage({ tooManyStates: STATES_MAX } satisfies Answer);
  const probabilities = new TextEncoder().encode(toJson(found));
  parentPort?.postMessage({ probabilities } satisfies Answer, [probabilities.buffer]);
});
