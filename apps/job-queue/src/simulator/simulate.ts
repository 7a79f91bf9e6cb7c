import type { Circuit } from './circuit.ts';
import { stepsOf } from './gatesets.ts';
import { chanceOfNoError, drawErrors, type Errors, noiseSites } from './noise.ts';
import { NOISE_MODELS, type NoiseModel } from './noise-models.ts';
import { type Counts, type Distribution, exactly, frequencies, sample } from './outcome.ts';
import { seeded } from './random.ts';
import { apply, newStateVector, reset, type StateVector } from './state-vector.ts';
import type { Step } from './step.ts';

export interface Task {
  readonly circuit: Circuit;
  readonly shots: number;
  /** None: exact probabilities. */
  readonly noise?: { readonly model: string; readonly seed: number };
}

/** Exact probabilities, or with noise the frequencies of `shots` samples; undefined when there are too many states to tell. */
export function simulate({ circuit, shots, noise }: Task): Distribution | undefined {
  const steps = stepsOf(circuit);
  const state = newStateVector(circuit.qubits);
  run(state, steps);
  return noise
    ? frequencies(noisyCounts(state, circuit.qubits, steps, shots, modelOf(noise.model), noise.seed), shots)
    : exactly(state);
}

function modelOf(name: string): NoiseModel {
  const model = NOISE_MODELS.get(name);
  if (!model) throw new Error(`no noise model is called ${name}`);
  return model;
}

function run(state: StateVector, steps: readonly Step[], errors?: Errors) {
  reset(state);
  steps.forEach((step, index) => {
    for (const pass of step.passes) apply(state, pass);
    for (const pass of errors?.get(index) ?? []) apply(state, pass);
  });
}

/** Amplitudes touched by all noisy runs together: some two seconds. */
const AMPLITUDES_MAX = 2 ** 29;
const RUNS_MIN = 4;
/** To make a state and to read it are passes, too, and to begin one takes as long as so many amplitudes. */
const PASSES_AROUND = 3;
const AMPLITUDES_PER_PASS = 32;

/** Amplitudes that one run of a circuit touches. */
export const amplitudesOf = (qubits: number, passes: number): number =>
  (2 ** qubits + AMPLITUDES_PER_PASS) * (passes + PASSES_AROUND);

export const passesOf = (steps: readonly Step[]): number => steps.reduce((sum, { passes }) => sum + passes.length, 0);

/** Runs with errors that a circuit gets at most; a fraction of the last one counts in estimates alone. */
export const runsAffordable = (qubits: number, passes: number): number =>
  Math.max(RUNS_MIN, AMPLITUDES_MAX / amplitudesOf(qubits, passes));

/**
 * Shots without an error are drawn from the ideal state that is there already. The others share a bounded number of runs, each with errors of its own:
 * one run a shot for small circuits, fewer for large ones. Every shot keeps the distribution of the channel; shots of one run are not independent of each other.
 */
function noisyCounts(
  state: StateVector,
  qubits: number,
  steps: readonly Step[],
  shots: number,
  model: NoiseModel,
  seed: number,
) {
  const random = seeded(seed);
  const counts: Counts = new Map();
  const sites = noiseSites(steps, model);
  const chance = chanceOfNoError(sites);
  let clean = 0;
  for (let shot = 0; shot < shots; shot++) if (random() < chance) clean++;
  sample(state, clean, random, counts);
  const struck = shots - clean;
  const runs = Math.min(struck, Math.floor(runsAffordable(qubits, passesOf(steps))));
  for (let left = struck, r = runs; r > 0; r--) {
    const share = Math.ceil(left / r);
    run(state, steps, drawErrors(sites, random));
    sample(state, share, random, counts);
    left -= share;
  }
  return counts;
}
