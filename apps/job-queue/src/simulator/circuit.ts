/** What a gate may carry beside its qubits. Rotations are in radians, phases in turns, angles in half turns. */
export interface Gate {
  readonly gate: string;
  readonly targets: readonly number[];
  readonly controls: readonly number[];
  readonly rotation?: number;
  readonly phases?: readonly number[];
  readonly angle?: number;
  /** `pauliexp`: exp(-i time · Σ coefficient · term); the last letter of a term stands for the first target. */
  readonly terms?: readonly string[];
  readonly coefficients?: readonly number[];
  readonly time?: number;
}

export type Gateset = 'qis' | 'native';

/** What the simulator can hold. */
export const QUBITS_MAX = 29;

export interface Circuit {
  readonly qubits: number;
  readonly gateset: Gateset;
  readonly gates: readonly Gate[];
}

/** A circuit on its way to the simulator: parsed there, for it may have 150,000 gates. */
export interface WrittenCircuit {
  readonly qubits: number;
  /** A `Circuit` as JSON. */
  readonly json: string;
}
