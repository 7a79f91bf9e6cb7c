import type { Gate } from './circuit.ts';

/** A 2 × 2 matrix row by row, each entry as real and imaginary part. */
export type Matrix = readonly [number, number, number, number, number, number, number, number];

/** One pass over the state vector. Masks have bit q for qubit q; a pass acts where all bits of `controls` are set. */
export type Pass =
  | { readonly kind: 'matrix'; readonly target: number; readonly controls: number; readonly matrix: Matrix }
  /** exp(-i angle/2 · P), P the product of X where `x`, Z where `z`, Y where both. */
  | {
      readonly kind: 'pauli';
      readonly x: number;
      readonly z: number;
      readonly controls: number;
      readonly angle: number;
    }
  | { readonly kind: 'swap'; readonly a: number; readonly b: number; readonly controls: number };

/** One gate of the circuit: its passes, and the qubits that noise meets after it. */
export interface Step {
  readonly passes: readonly Pass[];
  readonly qubits: readonly number[];
}

/** What a gate means: its shape, for those who check, and its steps. */
export interface GateKind {
  /** `each`: any number of targets, one after the other. */
  readonly targets: 'each' | 'any' | 2;
  readonly needs?: readonly (keyof Gate)[];
  readonly takes?: readonly (keyof Gate)[];
  readonly controlled?: 'always' | 'never';
  readonly steps: (gate: Gate) => Step[];
}
