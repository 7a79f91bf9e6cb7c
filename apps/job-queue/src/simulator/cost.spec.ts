import fc from 'fast-check';
import type { Circuit, Gate } from './circuit.ts';
import { estimateMs, millisecondsFor } from './cost.ts';

const h = (target: number): Gate => ({ gate: 'h', targets: [target], controls: [] });
const cx = (control: number, target: number): Gate => ({ gate: 'cnot', targets: [target], controls: [control] });
const circuit = (qubits: number, gates: readonly Gate[]): Circuit => ({ qubits, gateset: 'qis', gates });
const layered = (qubits: number, count: number) =>
  circuit(
    qubits,
    Array.from({ length: count }, (_, index) =>
      index % 2 ? cx(index % qubits, (index + 1) % qubits) : h(index % qubits),
    ),
  );
const seconds = (...given: Parameters<typeof estimateMs>) => estimateMs(...given) / 1000;

describe('the estimated cost', () => {
  const sizes = fc.record({
    qubits: fc.integer({ min: 2, max: 28 }),
    gates: fc.integer({ min: 0, max: 300 }),
    shots: fc.integer({ min: 1, max: 1_000_000 }),
    model: fc.constantFrom(undefined, 'aria-1', 'forte-1'),
  });

  it('is never less for one more qubit, gate or circuit, or more shots', () => {
    fc.assert(
      fc.property(sizes, fc.nat(5_000), ({ qubits, gates, shots, model }, more) => {
        const { gates: some } = layered(qubits, gates);
        const base = estimateMs([circuit(qubits, some)], shots, model);
        expect(estimateMs([circuit(qubits + 1, some)], shots, model)).toBeGreaterThanOrEqual(base);
        expect(estimateMs([circuit(qubits, [...some, h(0)])], shots, model)).toBeGreaterThanOrEqual(base);
        expect(estimateMs([circuit(qubits, some)], shots + more, model)).toBeGreaterThanOrEqual(base);
        expect(estimateMs([circuit(qubits, some), circuit(1, [])], shots, model)).toBeGreaterThan(base);
      }),
    );
  });

  it('counts noise, and each term of an exponential', () => {
    expect(estimateMs([layered(24, 10)], 1_000, 'aria-1')).toBeGreaterThan(2 * estimateMs([layered(24, 10)], 1_000));
    const terms = (count: number) =>
      circuit(24, [
        {
          gate: 'pauliexp',
          targets: [0, 1],
          controls: [],
          terms: Array.from({ length: count }, () => 'XX'),
          coefficients: Array.from({ length: count }, () => 1),
          time: 1,
        },
      ]);
    expect(estimateMs([terms(100)], 1)).toBeGreaterThan(20 * estimateMs([terms(1)], 1));
  });

  it('is milliseconds for what people try first, minutes for the largest circuits of tens of gates, and hours for a machine hogged', () => {
    expect(seconds([circuit(2, [h(0), cx(0, 1)])], 1_000)).toBeLessThan(0.01);
    expect(seconds([layered(20, 40)], 500, 'aria-1')).toBeLessThan(10);
    expect(seconds([layered(29, 90)], 1_000)).toBeLessThan(600);
    expect(
      seconds(
        [
          circuit(
            25,
            Array.from({ length: 20_000 }, () => ({ gate: 'x', targets: [0], controls: [] })),
          ),
        ],
        100,
      ),
    ).toBeGreaterThan(3_600);
  });

  it('can be asked by numbers alone', () => {
    expect(Math.ceil(millisecondsFor({ qubits: 20, passes: 40, spreading: 20, shots: 500, runs: 0 }))).toBe(
      estimateMs([layered(20, 40)], 500),
    );
  });
});
