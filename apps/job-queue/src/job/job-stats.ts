import type { Circuit } from '../simulator/circuit.ts';
import { stepsOf } from '../simulator/gatesets.ts';

/** What the API tells of a job's size; gates are counted by how many qubits they touch: `1q`, `2q`, `3q` … */
export interface JobStats {
  readonly qubits: number;
  readonly circuits: number;
  readonly gate_counts: Readonly<Record<string, number>>;
}

export function statsOf(circuits: readonly Circuit[]): JobStats {
  const counts: Record<string, number> = {};
  for (const { qubits } of circuits.flatMap(stepsOf)) counts[`${qubits.length}q`] = (counts[`${qubits.length}q`] ?? 0) + 1;
  return { qubits: Math.max(...circuits.map((circuit) => circuit.qubits)), circuits: circuits.length, gate_counts: counts };
}
