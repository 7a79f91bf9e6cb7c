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

export interface Circuit {
  readonly qubits: number;
  readonly gateset: Gateset;
  readonly gates: readonly Gate[];
}
