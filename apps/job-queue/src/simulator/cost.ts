import type { Circuit } from './circuit.ts';
import { stepsOf } from './gatesets.ts';
import { chanceOfNoError, noiseSites } from './noise.ts';
import { NOISE_MODELS } from './noise-models.ts';
import { STATES_MAX } from './outcome.ts';
import { amplitudesOf, passesOf, runsAffordable } from './simulate.ts';
import type { Pass, Step } from './step.ts';

/** What a circuit costs the simulator, in any form. */
export interface Load {
  readonly qubits: number;
  readonly passes: number;
  /** Passes after which more states may be measured than before. */
  readonly spreading: number;
  readonly shots: number;
  /** How often all passes are done again, with errors drawn for it; 0 without noise. */
  readonly runs: number;
}

/* Measured on one core of a cloud machine; `npm run bench -- cost` says how far off they are on another. */
const NS_PER_AMPLITUDE = 4;
/** From here on the state is in no cache. */
const NS_PER_AMPLITUDE_IN_MEMORY = 8;
const CACHED_QUBITS_MAX = 22;
const NS_PER_SAMPLE = 500;
const NS_PER_STATE = 450;
/** To make a pass of what was sent. */
const NS_PER_PASS = 1_000;
/** To hand a circuit over and to write its result. */
const NS_PER_CIRCUIT = 2_000_000;

/** Milliseconds of one core for one circuit: right within a factor of four, and never less for more qubits, passes, shots or runs. */
export function millisecondsFor({ qubits, passes, spreading, shots, runs }: Load): number {
  const touching =
    (1 + runs) *
    amplitudesOf(qubits, passes) *
    (qubits > CACHED_QUBITS_MAX ? NS_PER_AMPLITUDE_IN_MEMORY : NS_PER_AMPLITUDE);
  const telling =
    runs > 0 ? shots * NS_PER_SAMPLE : Math.min(STATES_MAX, 2 ** Math.min(qubits, spreading)) * NS_PER_STATE;
  return (NS_PER_CIRCUIT + passes * NS_PER_PASS + touching + telling) / 1e6;
}

/** Milliseconds of one core that the circuits are estimated to take together, before any of them runs. */
export function estimateMs(circuits: readonly Circuit[], shots: number, noiseModel?: string): number {
  return Math.ceil(circuits.reduce((total, circuit) => total + millisecondsFor(loadOf(circuit, shots, noiseModel)), 0));
}

function loadOf(circuit: Circuit, shots: number, noiseModel: string | undefined): Load {
  const { qubits } = circuit;
  const steps = stepsOf(circuit);
  const passes = passesOf(steps);
  const spreading = steps.reduce((sum, step) => sum + step.passes.filter(spreads).length, 0);
  return {
    qubits,
    passes,
    spreading,
    shots,
    runs: Math.min(struckOf(steps, shots, noiseModel), runsAffordable(qubits, passes)),
  };
}

/** Shots that noise is expected to meet. */
function struckOf(steps: readonly Step[], shots: number, noiseModel: string | undefined) {
  const model = NOISE_MODELS.get(noiseModel ?? '');
  return model ? shots * (1 - chanceOfNoError(noiseSites(steps, model))) : 0;
}

function spreads(pass: Pass): boolean {
  switch (pass.kind) {
    case 'matrix':
      return (pass.matrix[0] !== 0 || pass.matrix[1] !== 0) && (pass.matrix[2] !== 0 || pass.matrix[3] !== 0);
    case 'pauli':
      return pass.x !== 0;
    case 'swap':
      return false;
  }
}
