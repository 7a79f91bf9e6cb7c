import type { Gate } from './circuit.ts';
import { bit, maskOf, matrixPass, onEach, pauli, together } from './passes.ts';
import type { GateKind, Matrix } from './step.ts';

const TURN = 2 * Math.PI;
const R = Math.SQRT1_2;

const gpi = (turns: number): Matrix => {
  const [c, s] = [Math.cos(TURN * turns), Math.sin(TURN * turns)];
  return [0, 0, c, -s, c, s, 0, 0];
};

const gpi2 = (turns: number): Matrix => {
  const [c, s] = [R * Math.cos(TURN * turns), R * Math.sin(TURN * turns)];
  return [R, 0, -s, -c, s, -c, R, 0];
};

const single = (matrix: (turns: number) => Matrix): GateKind => ({
  targets: 'each',
  needs: ['phases'],
  controlled: 'never',
  steps: (gate) => onEach(gate, matrixPass(matrix(gate.phases?.[0] ?? 0))),
});

/** The native gates of trapped ions, as their maker defines them. */
export const NATIVE_GATES: ReadonlyMap<string, GateKind> = new Map<string, GateKind>([
  ['gpi', single(gpi)],
  ['gpi2', single(gpi2)],
  ['ms', { targets: 2, needs: ['phases'], takes: ['angle'], controlled: 'never', steps: molmerSorensen }],
  [
    'zz',
    {
      targets: 2,
      needs: ['angle'],
      controlled: 'never',
      steps: (gate) => together(gate, [pauli(0, maskOf(gate.targets), TURN * (gate.angle ?? 0))]),
    },
  ],
  ['nop', { targets: 'any', takes: ['time'], controlled: 'never', steps: () => [] }],
]);

/** exp(-iπ angle · G(φ0) ⊗ G(φ1)): an XX rotation in frames turned by the two phases. */
function molmerSorensen(gate: Gate) {
  const frames = (sign: 1 | -1) =>
    gate.targets.map((target, index) => pauli(0, bit(target), sign * TURN * (gate.phases?.[index] ?? 0)));
  return together(gate, [...frames(-1), pauli(maskOf(gate.targets), 0, TURN * (gate.angle ?? 0.25)), ...frames(1)]);
}
