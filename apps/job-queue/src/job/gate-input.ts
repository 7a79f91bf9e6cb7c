import { z } from 'zod';
import type { Circuit, Gate } from '../simulator/circuit.ts';
import { gateKinds } from '../simulator/gatesets.ts';
import type { GateKind } from '../simulator/step.ts';

const qubit = z.int().min(0);
const number = z.number().nullish();

/** A gate as clients write it; fields that no gate has are ignored. */
export const gateInput = z.object({
  gate: z.string(),
  target: qubit.nullish(), targets: z.array(qubit).nullish(),
  control: qubit.nullish(), controls: z.array(qubit).nullish(),
  rotation: number, phase: number, phases: z.array(z.number()).nullish(), angle: number, time: number,
  terms: z.array(z.string().regex(/^[IXYZ]+$/, 'must be made of the letters I, X, Y, Z')).nullish(),
  coefficients: z.array(z.number()).nullish(),
});

type GateInput = z.infer<typeof gateInput>;
type Place = Pick<Circuit, 'qubits' | 'gateset'>;

/** The gate as the simulator takes it, or what is wrong with it. */
export function toGate(input: GateInput, place: Place): Gate | string {
  const kind = gateKinds(place.gateset).get(input.gate);
  if (!kind) return `the gateset ${place.gateset} has no gate ${input.gate}; it has ${[...gateKinds(place.gateset).keys()].join(', ')}`;
  const gate = withPlainNames(input);
  return wrongQubits(gate, kind, place) ?? wrongParameters(gate, kind) ?? gate;
}

/** One name for each thing: `target` and `targets`, `phase` and `phases`, and the `phase` that Cirq gives to a native `zz` for its angle. */
function withPlainNames(input: GateInput): Gate {
  const both = (one: number | null | undefined, list: readonly number[] | null | undefined) => list ?? (one == null ? [] : [one]);
  const phases = input.gate === 'zz' ? [] : both(input.phase, input.phases);
  const angle = input.angle ?? (input.gate === 'zz' ? input.phase : undefined);
  return {
    gate: input.gate, targets: both(input.target, input.targets), controls: both(input.control, input.controls),
    ...(input.rotation == null ? {} : { rotation: input.rotation }),
    ...(phases.length === 0 ? {} : { phases }),
    ...(angle == null ? {} : { angle }),
    ...(input.terms ? { terms: input.terms } : {}),
    ...(input.coefficients ? { coefficients: input.coefficients } : {}),
    ...(input.time == null ? {} : { time: input.time }),
  };
}

function wrongQubits({ gate, targets, controls }: Gate, kind: GateKind, { qubits }: Place) {
  const all = [...targets, ...controls];
  if (targets.length === 0) return `${gate} needs a target`;
  if (kind.targets === 2 && targets.length !== 2) return `${gate} needs two targets`;
  if (kind.controlled === 'always' && controls.length === 0) return `${gate} needs a control`;
  if (kind.controlled === 'never' && controls.length > 0) return `${gate} takes no controls`;
  if (all.some((qubit) => qubit >= qubits)) return `${gate} names qubit ${Math.max(...all)}, but the circuit has qubits 0 to ${qubits - 1}`;
  if (new Set(all).size !== all.length) return `${gate} names a qubit twice`;
  return undefined;
}

const PARAMETERS = ['rotation', 'phases', 'angle', 'terms', 'coefficients', 'time'] as const;
/** Other fields are ignored, but a gate that would turn without its angle is a wrong answer. */
const TELLING = ['rotation', 'terms'] as const;

function wrongParameters(gate: Gate, kind: GateKind) {
  const missing = PARAMETERS.find((name) => kind.needs?.includes(name) && gate[name] === undefined);
  if (missing) return `${gate.gate} needs ${missing}`;
  const stray = TELLING.find((name) => gate[name] !== undefined && !kind.needs?.includes(name) && !kind.takes?.includes(name));
  if (stray) return `${gate.gate} takes no ${stray}`;
  if (gate.gate === 'ms' && gate.phases?.length !== 2) return 'ms needs two phases';
  return gate.terms ? wrongTerms(gate, gate.terms) : undefined;
}

function wrongTerms({ targets, coefficients }: Gate, terms: readonly string[]) {
  if (terms.some((term) => term.length !== targets.length)) return 'pauliexp needs one letter for each target in every term';
  if (coefficients?.length !== terms.length) return 'pauliexp needs one coefficient for each term';
  const clash = terms.find((term, index) => terms.slice(0, index).some((other) => !commute(term, other)));
  return clash === undefined ? undefined : `pauliexp needs terms that commute, and ${clash} does not commute with one before it: send it as gates instead`;
}

const commute = (term: string, other: string) =>
  [...term].filter((letter, index) => letter !== 'I' && other[index] !== 'I' && letter !== other[index]).length % 2 === 0;
