import type { Gate } from './circuit.ts';
import type { Matrix, Pass, Step } from './step.ts';

export const bit = (qubit: number): number => 1 << qubit;
export const maskOf = (qubits: readonly number[]): number => qubits.reduce((mask, qubit) => mask | bit(qubit), 0);

/** The same one-qubit gate on each target. */
export const onEach = (gate: Gate, pass: (target: number, controls: number) => Pass): Step[] =>
  gate.targets.map((target) => ({ passes: [pass(target, maskOf(gate.controls))], qubits: [...gate.controls, target] }));

/** One gate on all its targets together. */
export const together = (gate: Gate, passes: readonly Pass[]): Step[] => [
  { passes, qubits: [...gate.controls, ...gate.targets] },
];

export const pauli = (x: number, z: number, angle: number, controls = 0): Pass => ({
  kind: 'pauli',
  x,
  z,
  angle,
  controls,
});

export const matrixPass =
  (matrix: Matrix) =>
  (target: number, controls: number): Pass => ({ kind: 'matrix', target, controls, matrix });

/** diag(1, e^{i angle}). */
export const phase = (angle: number): Matrix => [1, 0, 0, 0, 0, 0, Math.cos(angle), Math.sin(angle)];
