import type { Circuit, Gate } from '../../apps/job-queue/src/simulator/circuit.ts';
import { estimateMs } from '../../apps/job-queue/src/simulator/cost.ts';
import { simulate } from '../../apps/job-queue/src/simulator/simulate.ts';
import { toJson } from '../../apps/job-queue/src/simulator/outcome.ts';
import type { ResultRow, Run } from './result.ts';
import { median } from './rounds.ts';

const TIMES = 3;
/** Handing over and writing, which a job has and this has not. */
const OUTSIDE_MS = 2;

/** P16: how far the estimated cost of a job is from the time that the simulator takes. */
export const run: Run = () => {
  const rows = CIRCUITS.map(([against, circuit, shots, model]): ResultRow => {
    const measured = median(Array.from({ length: TIMES }, () => millisecondsOf(circuit, shots, model)));
    const value = Math.round((estimateMs([circuit], shots, model) / (measured + OUTSIDE_MS)) * 100) / 100;
    return {
      id: 'P16',
      against: `${against}: ${Math.round(measured)} ms`,
      value,
      target: '0.25 to 4',
      met: value >= 0.25 && value <= 4,
      wrongAnswers: 0,
    };
  });
  return Promise.resolve({ setting: `estimate over measured time, the median of ${TIMES}, on one core`, rows });
};

function millisecondsOf(circuit: Circuit, shots: number, model: string | undefined) {
  const from = performance.now();
  const found = simulate({ circuit, shots, ...(model === undefined ? {} : { noise: { model, seed: 1 } }) });
  if (found) toJson(found);
  return performance.now() - from;
}

const h = (target: number): Gate => ({ gate: 'h', targets: [target], controls: [] });
const cx = (control: number, target: number): Gate => ({ gate: 'cnot', targets: [target], controls: [control] });
const rz = (target: number): Gate => ({ gate: 'rz', targets: [target], controls: [], rotation: 0.3 });
const circuit = (qubits: number, count: number, gate: (index: number) => Gate): Circuit => ({
  qubits,
  gateset: 'qis',
  gates: Array.from({ length: count }, (_, index) => gate(index)),
});
const chain = (qubits: number) => circuit(qubits, qubits, (index) => (index === 0 ? h(0) : cx(index - 1, index)));
const mixed = (qubits: number, count: number) =>
  circuit(
    qubits,
    count,
    (index) => [h(index % qubits), cx(index % qubits, (index + 1) % qubits), rz(index % qubits)][index % 3] ?? h(0),
  );
const ions = (qubits: number, count: number): Circuit => ({
  qubits,
  gateset: 'native',
  gates: Array.from({ length: count }, (_, index) => ({
    gate: 'ms',
    targets: [index % qubits, (index + 1) % qubits],
    controls: [],
    phases: [0, 0.25],
  })),
});

const CIRCUITS: readonly [against: string, circuit: Circuit, shots: number, model?: string][] = [
  ['a Bell pair', chain(2), 1_000],
  ['4 qubits, 100,000 gates', mixed(4, 100_000), 1_000],
  ['4 qubits, 100 gates, a million shots, aria-1', mixed(4, 100), 1_000_000, 'aria-1'],
  ['10 qubits, 1,000 gates, 10,000 shots, aria-1', mixed(10, 1_000), 10_000, 'aria-1'],
  ['16 qubits, 2,000 gates', mixed(16, 2_000), 1_000],
  ['20 qubits, 40 gates, 500 shots, aria-1', mixed(20, 40), 500, 'aria-1'],
  ['20 qubits, all states', circuit(20, 20, h), 1_000],
  ['20 qubits, 100 native gates', ions(20, 100), 1_000],
  ['22 qubits, 200 gates', mixed(22, 200), 1_000],
  ['23 qubits, 50 gates, forte-1', mixed(23, 50), 1_000, 'forte-1'],
  ['25 qubits, 60 gates', mixed(25, 60), 1_000],
  ['27 qubits, a chain', chain(27), 1_000],
];
