import type { Circuit, Gate } from './circuit.ts';
import type { Distribution } from './outcome.ts';
import { simulate } from './simulate.ts';

const h: Gate = { gate: 'h', targets: [0], controls: [] };
const cnot = (control: number, target: number): Gate => ({ gate: 'cnot', targets: [target], controls: [control] });
const chain = (qubits: number, gates: readonly Gate[]): Circuit => ({ qubits, gateset: 'qis', gates });
const bell = chain(2, [h, cnot(0, 1)]);
const noisy = (circuit: Circuit, shots: number, seed = 7, model = 'aria-1') =>
  simulate({ circuit, shots, noise: { model, seed } }) ?? { states: [], probabilities: [] };
const shareOf = ({ states, probabilities }: Distribution, wanted: (state: number) => boolean) =>
  probabilities.reduce((sum, p, index) => sum + (wanted(states[index] ?? -1) ? p : 0), 0);

describe('the simulator with a noise model', () => {
  it('answers with multiples of one shot, of observed states only, that add up', () => {
    const { probabilities } = noisy(bell, 500);
    for (const p of probabilities) {
      expect(p).toBeGreaterThan(0);
      expect(p * 500).toBeCloseTo(Math.round(p * 500), 9);
    }
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  it('repeats itself for a seed and not for another', () => {
    expect(noisy(bell, 1000, 3)).toEqual(noisy(bell, 1000, 3));
    expect(noisy(bell, 1000, 3)).not.toEqual(noisy(bell, 1000, 4));
  });

  it('gives the share of wrong answers that the depolarizing channel gives', () => {
    // One two-qubit channel of strength r mixes fully with r, and half of what is mixed looks right; the one-qubit channel after h does not show.
    const wrong = shareOf(noisy(bell, 200_000), (state) => state === 1 || state === 2);
    expect(Math.abs(wrong - 0.0133 / 2)).toBeLessThan(0.001);
  });

  it('errs more with more gates, and less on a better machine', () => {
    const long = chain(2, [h, ...Array.from({ length: 41 }, () => cnot(0, 1))]);
    const wrong = (circuit: Circuit, model: string) =>
      shareOf(noisy(circuit, 20_000, 5, model), (state) => state === 1 || state === 2);
    expect(wrong(long, 'aria-1')).toBeGreaterThan(10 * wrong(bell, 'aria-1'));
    expect(wrong(long, 'forte-1')).toBeLessThan(wrong(long, 'aria-1'));
  });

  it('spreads 41 noisy gates as their channels composed do', () => {
    const long = chain(2, [h, ...Array.from({ length: 41 }, () => cnot(0, 1))]);
    const kept = (1 - 0.0133) ** 41;
    expect(
      Math.abs(shareOf(noisy(long, 100_000), (state) => state === 1 || state === 2) - (1 - kept) / 2),
    ).toBeLessThan(0.01);
  });

  it('runs 20 qubits, 40 gates and 500 shots in the time of a coffee sip', () => {
    const gates = [h, ...Array.from({ length: 39 }, (_, index) => cnot(index % 19, (index % 19) + 1))];
    const started = performance.now();
    expect(shareOf(noisy(chain(20, gates), 500), () => true)).toBeCloseTo(1, 9);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
