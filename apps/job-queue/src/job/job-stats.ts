import type { Circuit } from '../simulator/circuit.ts';
import { gateSteps } from '../simulator/gatesets.ts';

/** What the API tells of a job's size; gates are counted by how many qubits they touch: `1q`, `2q`, `3q` … */
export interface JobStats {
  readonly qubits: number;
  readonly circuits: number;
  readonly gate_counts: Readonly<Record<string, number>>;
}

export function statsOf(circuits: readonly Circuit[]): JobStats {
  const counts: Record<string, number> = {};
  let widest = 0;
  for (const circuit of circuits) {
    widest = Math.max(widest, circuit.qubits);
    // Gate by gate: the steps of a whole job would take a gigabyte.
    for (const gate of circuit.gates)
      for (const { qubits } of gateSteps(circuit.gateset, gate))
        counts[`${qubits.length}q`] = (counts[`${qubits.length}q`] ?? 0) + 1;
  }
  return { qubits: widest, circuits: circuits.length, gate_counts: counts };
}
