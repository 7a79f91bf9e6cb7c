import fc from 'fast-check';
import type { Circuit, Gate, Gateset } from './circuit.ts';
import { denseAmplitudes } from './dense.fixture.ts';
import { gateKinds, stepsOf } from './gatesets.ts';
import { exactly, squaredNorm, toJson } from './outcome.ts';
import { simulate } from './simulate.ts';
import { apply, newStateVector, reset } from './state-vector.ts';

const at = (gate: string, targets: number[], more: Partial<Gate> = {}): Gate => ({
  gate,
  targets,
  controls: [],
  ...more,
});
const cnot = (control: number, target: number) => at('cnot', [target], { controls: [control] });
const qis = (qubits: number, ...gates: Gate[]): Circuit => ({ qubits, gateset: 'qis', gates });
const native = (qubits: number, ...gates: Gate[]): Circuit => ({ qubits, gateset: 'native', gates });

function probabilities(circuit: Circuit) {
  const found = simulate({ circuit, shots: 1 });
  return JSON.parse(found ? toJson(found) : '{}') as Record<string, number>;
}

function amplitudes(circuit: Circuit) {
  const state = newStateVector(circuit.qubits);
  reset(state);
  for (const { passes } of stepsOf(circuit)) for (const pass of passes) apply(state, pass);
  return state;
}

describe('the simulator without noise', () => {
  it('gives exactly one half for each end of a Bell pair', () => {
    expect(probabilities(qis(2, at('h', [0]), cnot(0, 1)))).toEqual({ 0: 0.5, 3: 0.5 });
  });

  it('counts qubit 0 as the lowest bit', () => {
    expect(probabilities(qis(3, at('x', [0])))).toEqual({ 1: 1 });
    expect(probabilities(qis(3, at('x', [2])))).toEqual({ 4: 1 });
  });

  it('entangles a register of ten', () => {
    const chain = Array.from({ length: 9 }, (_, qubit) => cnot(qubit, qubit + 1));
    expect(probabilities(qis(10, at('h', [0]), ...chain))).toEqual({ 0: 0.5, 1023: 0.5 });
  });

  it('gives a Bell pair from the native gates', () => {
    expect(probabilities(native(2, at('ms', [0, 1], { phases: [0, 0] })))).toEqual({ 0: 0.5, 3: 0.5 });
    expect(probabilities(native(1, at('gpi2', [0], { phases: [0] }), at('gpi2', [0], { phases: [0] })))).toEqual({
      1: 1,
    });
  });

  it('flips a target only when all of three controls are set', () => {
    const toffoli = at('x', [3], { controls: [0, 1, 2] });
    expect(probabilities(qis(4, at('x', [0, 1]), toffoli))).toEqual({ 3: 1 });
    expect(probabilities(qis(4, at('x', [0, 1, 2]), toffoli))).toEqual({ 15: 1 });
  });

  it('finds the frequency of a periodic state by a Fourier transform', () => {
    const turns = 5;
    const prepared = [0, 1, 2, 3].flatMap((qubit) => [
      at('h', [qubit]),
      at('z', [qubit], { rotation: (2 * Math.PI * turns * 2 ** qubit) / 16 }),
    ]);
    const inverse = [0, 1, 2, 3].flatMap((k) => {
      const qubit = k;
      const undo = Array.from({ length: k }, (_, j) =>
        at('z', [3 - qubit], { controls: [3 - j], rotation: -Math.PI / 2 ** (k - j) }),
      );
      return [...undo, at('h', [3 - qubit])];
    });
    expect(probabilities(qis(4, ...prepared, ...inverse, at('swap', [0, 3]), at('swap', [1, 2])))).toEqual({
      [turns]: 1,
    });
  });

  it('keeps the answer whole in single precision too', () => {
    const state = newStateVector(25);
    expect(state.re).toBeInstanceOf(Float32Array);
    reset(state);
    const circuit = qis(25, at('h', [24]), cnot(24, 0), at('ry', [3], { rotation: 0 }));
    for (const { passes } of stepsOf(circuit)) for (const pass of passes) apply(state, pass);
    expect(exactly(state)).toEqual({ states: [0, 2 ** 24 + 1], probabilities: [0.5, 0.5] });
  });

  it('says that there are too many outcomes to list', () => {
    expect(
      simulate({
        circuit: qis(
          21,
          at(
            'h',
            Array.from({ length: 21 }, (_, qubit) => qubit),
          ),
        ),
        shots: 1,
      }),
    ).toBeUndefined();
  });
});

const angle = fc.double({ min: -7, max: 7, noNaN: true });

/** A gate of any kind with qubits of a small register. */
function anyGate(gateset: Gateset, qubits: number): fc.Arbitrary<Gate> {
  const places = fc.shuffledSubarray(
    Array.from({ length: qubits }, (_, qubit) => qubit),
    { minLength: qubits },
  );
  return fc
    .record({
      name: fc.constantFrom(...kindsOf(gateset)),
      places,
      controls: fc.nat({ max: 2 }),
      a: angle,
      b: angle,
      c: angle,
      letters: fc.array(fc.constantFrom('X', 'Y', 'Z', 'I'), { minLength: 2, maxLength: 2 }),
    })
    .map(({ name, places, controls, a, b, c, letters }) => {
      const kind = gateKinds(gateset).get(name);
      const width = kind?.targets === 'each' ? 1 : 2;
      const least = kind?.controlled === 'always' ? 1 : 0;
      const count = kind?.controlled === 'never' ? 0 : Math.min(Math.max(controls, least), qubits - width);
      const parameters =
        name === 'pauliexp'
          ? { terms: [letters.join('')], coefficients: [a], time: b }
          : { rotation: a, phases: [b, c], angle: a };
      return {
        gate: name,
        targets: places.slice(0, width),
        controls: places.slice(width, width + count),
        ...parameters,
      };
    });
}

function expectDense(circuit: Circuit) {
  const { re, im } = amplitudes(circuit);
  const off = denseAmplitudes(circuit).map(([r, i], state) => Math.hypot((re[state] ?? 0) - r, (im[state] ?? 0) - i));
  expect(Math.max(...off)).toBeLessThan(1e-9);
}

/** A state with no two amplitudes alike, so that nothing a gate does goes unseen. */
const scrambled = {
  qis: [0, 1, 2, 3].flatMap((qubit) => [
    at('ry', [qubit], { rotation: 0.5 + qubit / 3 }),
    at('rz', [qubit], { rotation: 0.3 + qubit }),
    cnot(qubit, (qubit + 1) % 4),
  ]),
  native: [0, 1, 2, 3].flatMap((qubit) => [
    at('gpi2', [qubit], { phases: [0.1 + qubit / 7] }),
    at('ms', [qubit, (qubit + 1) % 4], { phases: [0.2, 0.3], angle: 0.1 + qubit / 20 }),
  ]),
};

const kindsOf = (gateset: Gateset) => [...gateKinds(gateset).keys()].filter((name) => name !== 'nop');

describe.each(['qis', 'native'] as const)('the gateset %s', (gateset) => {
  const circuits = fc
    .integer({ min: 2, max: 4 })
    .chain((qubits) =>
      fc
        .array(anyGate(gateset, qubits), { minLength: 2, maxLength: 10 })
        .map((gates): Circuit => ({ qubits, gateset, gates })),
    );

  it.each(kindsOf(gateset))('carries out %s as its matrix says, controlled and not', (gate) => {
    const parameters =
      gate === 'pauliexp'
        ? { terms: ['YX'], coefficients: [0.4], time: 0.7 }
        : { rotation: 1.1, phases: [0.15, 0.4], angle: 0.3 };
    const targets = gateKinds(gateset).get(gate)?.targets === 'each' ? [1] : [1, 0];
    const controls = gateset === 'native' ? [[]] : gate === 'cnot' ? [[2]] : [[], [2], [2, 3]];
    for (const some of controls)
      expectDense({
        qubits: 4,
        gateset,
        gates: [...scrambled[gateset], at(gate, targets, { ...parameters, controls: some })],
      });
  });

  it('agrees with plain matrix products, amplitude by amplitude', () => {
    fc.assert(fc.property(circuits, expectDense), { numRuns: 300 });
  });

  it('never loses or makes probability', () => {
    fc.assert(
      fc.property(circuits, (circuit) => {
        expect(squaredNorm(amplitudes(circuit))).toBeCloseTo(1, 10);
      }),
    );
  });
});
