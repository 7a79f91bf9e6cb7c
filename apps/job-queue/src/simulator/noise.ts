import type { NoiseModel } from './noise-models.ts';
import { bit, pauli } from './passes.ts';
import type { Random } from './random.ts';
import type { Pass, Step } from './step.ts';

/** A place where noise may strike: after a step, on one or two qubits. */
interface ErrorSite {
  readonly step: number;
  readonly qubits: readonly number[];
  readonly probability: number;
}

/** Passes to add after a step. */
export type Errors = ReadonlyMap<number, readonly Pass[]>;

/**
 * Where a depolarizing channel may turn into an error. A channel of strength r is one of all 4 (or 16) Pauli products with probability r/4 (r/16)
 * each, so it does something with 3r/4 (15r/16). A gate on more than two qubits counts as a chain of two-qubit gates.
 */
export function noiseSites(steps: readonly Step[], model: NoiseModel): ErrorSite[] {
  return steps.flatMap(({ qubits }, step): ErrorSite[] =>
    qubits.length === 1
      ? [{ step, qubits, probability: (model.oneQubit * 3) / 4 }]
      : qubits
          .slice(1)
          .map((qubit, index) => ({
            step,
            qubits: [qubits[index] ?? 0, qubit],
            probability: (model.twoQubit * 15) / 16,
          })),
  );
}

export const chanceOfNoError = (sites: readonly ErrorSite[]): number =>
  sites.reduce((chance, { probability }) => chance * (1 - probability), 1);

/** One run's errors, drawn as if runs without any were thrown away. */
export function drawErrors(sites: readonly ErrorSite[], random: Random): Errors {
  const errors = new Map<number, Pass[]>();
  const first = firstStruck(sites, random);
  sites.forEach((site, index) => {
    if (index < first || (index > first && random() >= site.probability)) return;
    errors.set(site.step, [...(errors.get(site.step) ?? []), drawPauli(site, random)]);
  });
  return errors;
}

function firstStruck(sites: readonly ErrorSite[], random: Random) {
  let left = random() * (1 - chanceOfNoError(sites));
  let clean = 1;
  for (const [index, { probability }] of sites.entries()) {
    left -= clean * probability;
    if (left < 0) return index;
    clean *= 1 - probability;
  }
  return sites.length - 1;
}

/** Any Pauli product but the one that does nothing; a rotation by π is the operator itself, up to a phase that no measurement shows. */
function drawPauli({ qubits }: ErrorSite, random: Random): Pass {
  const kinds = 4 ** qubits.length;
  const drawn = 1 + Math.floor(random() * (kinds - 1));
  const mask = (plane: number) =>
    qubits.reduce((found, qubit, index) => found | ((drawn >> (2 * index + plane)) & 1 ? bit(qubit) : 0), 0);
  return pauli(mask(0), mask(1), Math.PI);
}
