import { z } from 'zod';
import { type Circuit, type Gate, QUBITS_MAX } from '../simulator/circuit.ts';
import { gateKinds } from '../simulator/gatesets.ts';
import { odd } from '../simulator/state-vector.ts';
import type { GateKind } from '../simulator/step.ts';

/** More terms are more passes over all amplitudes than one gate should cost; no set of commuting terms in use comes near it. */
const TERMS_MAX = 1_000;
/** Beyond this a turn is lost in rounding; a sum or product of two of them stays finite. */
const NUMBER_MAX = 1e12;

const qubit = z.int().min(0);
const finite = z.number().min(-NUMBER_MAX).max(NUMBER_MAX);
const number = finite.nullish();
/** Counted before any of it is looked at. */
export const bounded = <S extends z.ZodType>(item: S, max: number) => z.array(z.unknown()).max(max).pipe(z.array(item));
const qubits = bounded(qubit, QUBITS_MAX).nullish();

/** A gate as clients write it; fields that no gate has are ignored. */
export const gateInput = z.object({
  gate: z.string().max(60),
  target: qubit.nullish(),
  targets: qubits,
  control: qubit.nullish(),
  controls: qubits,
  rotation: number,
  phase: number,
  phases: bounded(finite, QUBITS_MAX).nullish(),
  angle: number,
  time: number,
  terms: bounded(
    z
      .string()
      .max(QUBITS_MAX)
      .regex(/^[IXYZ]+$/, 'must be made of the letters I, X, Y, Z'),
    TERMS_MAX,
  ).nullish(),
  coefficients: bounded(finite, TERMS_MAX).nullish(),
});

export type GateInput = z.infer<typeof gateInput>;
type GatePosition = Pick<Circuit, 'qubits' | 'gateset'>;

/** The gate as the simulator takes it, or what is wrong with it. */
export function toGate(input: GateInput, place: GatePosition): Gate | string {
  const kind = gateKinds(place.gateset).get(input.gate);
  if (!kind)
    return `the gateset ${place.gateset} has no gate ${input.gate.slice(0, 60)}; it has ${[...gateKinds(place.gateset).keys()].join(', ')}`;
  const gate = withPlainNames(input);
  return wrongQubits(gate, kind, place) ?? wrongParameters(gate, kind) ?? gate;
}

/** One name for each thing: `target` and `targets`, `phase` and `phases`, and the `phase` that Cirq gives to a native `zz` for its angle. */
function withPlainNames(input: GateInput): Gate {
  const both = (one: number | null | undefined, list: readonly number[] | null | undefined) =>
    list ?? (one == null ? [] : [one]);
  const phases = input.gate === 'zz' ? [] : both(input.phase, input.phases);
  const angle = input.angle ?? (input.gate === 'zz' ? input.phase : undefined);
  return {
    gate: input.gate,
    targets: both(input.target, input.targets),
    controls: both(input.control, input.controls),
    ...(input.rotation == null ? {} : { rotation: input.rotation }),
    ...(phases.length === 0 ? {} : { phases }),
    ...(angle == null ? {} : { angle }),
    ...(input.terms ? { terms: input.terms } : {}),
    ...(input.coefficients ? { coefficients: input.coefficients } : {}),
    ...(input.time == null ? {} : { time: input.time }),
  };
}

function wrongQubits({ gate, targets, controls }: Gate, kind: GateKind, { qubits }: GatePosition) {
  const all = [...targets, ...controls];
  if (targets.length === 0) return `${gate} needs a target`;
  if (kind.targets === 2 && targets.length !== 2) return `${gate} needs two targets`;
  if (kind.controlled === 'always' && controls.length === 0) return `${gate} needs a control`;
  if (kind.controlled === 'never' && controls.length > 0) return `${gate} takes no controls`;
  const most = all.reduce((highest, qubit) => Math.max(highest, qubit), 0);
  if (most >= qubits) return `${gate} names qubit ${most}, but the circuit has qubits 0 to ${qubits - 1}`;
  if (new Set(all).size !== all.length) return `${gate} names a qubit twice`;
  return undefined;
}

const PARAMETERS = ['rotation', 'phases', 'angle', 'terms', 'coefficients', 'time'] as const;
/** Other fields are ignored, but a gate that would turn without its angle is a wrong answer. */
const TELLING = ['rotation', 'terms'] as const;

function wrongParameters(gate: Gate, kind: GateKind) {
  const missing = PARAMETERS.find((name) => kind.needs?.includes(name) && gate[name] === undefined);
  if (missing) return `${gate.gate} needs ${missing}`;
  const stray = TELLING.find(
    (name) => gate[name] !== undefined && !kind.needs?.includes(name) && !kind.takes?.includes(name),
  );
  if (stray) return `${gate.gate} takes no ${stray}`;
  if (gate.gate === 'ms' && gate.phases?.length !== 2) return 'ms needs two phases';
  return gate.terms ? wrongTerms(gate, gate.terms) : undefined;
}

function wrongTerms({ targets, coefficients }: Gate, terms: readonly string[]) {
  if (terms.some((term) => term.length !== targets.length))
    return 'pauliexp needs one letter for each target in every term';
  if (coefficients?.length !== terms.length) return 'pauliexp needs one coefficient for each term';
  const clash = firstClash(terms);
  return clash === undefined
    ? undefined
    : `pauliexp needs terms that commute, and ${clash} does not commute with one before it: send it as gates instead`;
}

/**
 * The first term that does not commute with all before it. Compared with a basis of those alone: a term that commutes with the basis commutes with
 * all of
 * its products, so it is at most as many comparisons a term as there are qubits.
 */
function firstClash(terms: readonly string[]): string | undefined {
  const basis: Pauli[] = [];
  for (const term of terms) {
    let rest: Pauli = { x: maskOf(term, 'XY'), z: maskOf(term, 'YZ') };
    for (const known of basis) {
      if (odd(rest.x & known.z) !== odd(rest.z & known.x)) return term;
      const product = { x: rest.x ^ known.x, z: rest.z ^ known.z };
      if (product.x < rest.x || (product.x === rest.x && product.z < rest.z)) rest = product;
    }
    if (rest.x !== 0 || rest.z !== 0) basis.push(rest);
  }
  return undefined;
}

/** A product of X where `x`, Z where `z`, Y where both. */
interface Pauli {
  readonly x: number;
  readonly z: number;
}

const maskOf = (term: string, letters: string) =>
  [...term].reduce((mask, letter, index) => (letters.includes(letter) ? mask | (1 << index) : mask), 0);
