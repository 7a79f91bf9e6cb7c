import type { Gate } from './circuit.ts';
import { bit, maskOf, matrixPass, onEach, pauli, phase, together } from './passes.ts';
import type { GateKind, Matrix } from './step.ts';

const R = Math.SQRT1_2;
const X: Matrix = [0, 0, 1, 0, 1, 0, 0, 0];
const Y: Matrix = [0, 0, 0, -1, 0, 1, 0, 0];
const H: Matrix = [R, 0, R, 0, R, 0, -R, 0];
const V: Matrix = [0.5, 0.5, 0.5, -0.5, 0.5, -0.5, 0.5, 0.5];
const VI: Matrix = [0.5, -0.5, 0.5, 0.5, 0.5, 0.5, 0.5, -0.5];

const fixed = (matrix: Matrix): GateKind => ({ targets: 'each', steps: (gate) => onEach(gate, matrixPass(matrix)) });

const rotation = (axis: (target: number) => readonly [x: number, z: number]): GateKind => ({
  targets: 'each',
  needs: ['rotation'],
  steps: (gate) => onEach(gate, (target, controls) => pauli(...axis(bit(target)), gate.rotation ?? 0, controls)),
});

const pairRotation = (axis: (targets: number) => readonly [x: number, z: number]): GateKind => ({
  targets: 2,
  needs: ['rotation'],
  steps: (gate) => together(gate, [pauli(...axis(maskOf(gate.targets)), gate.rotation ?? 0, maskOf(gate.controls))]),
});

const not = fixed(X);

/** The circuit gates. Qiskit sends its phase gates as `z` with a rotation: diag(1, e^{iθ}), which is not `rz` once it is controlled. */
export const QIS_GATES: ReadonlyMap<string, GateKind> = new Map<string, GateKind>([
  ['x', not],
  ['not', not],
  ['cnot', { ...not, controlled: 'always' }],
  ['y', fixed(Y)],
  ['h', fixed(H)],
  ['v', fixed(V)],
  ['vi', fixed(VI)],
  ['s', fixed(phase(Math.PI / 2))],
  ['si', fixed(phase(-Math.PI / 2))],
  ['t', fixed(phase(Math.PI / 4))],
  ['ti', fixed(phase(-Math.PI / 4))],
  [
    'z',
    {
      targets: 'each',
      takes: ['rotation'],
      steps: (gate) => onEach(gate, matrixPass(phase(gate.rotation ?? Math.PI))),
    },
  ],
  ['rx', rotation((target) => [target, 0])],
  ['ry', rotation((target) => [target, target])],
  ['rz', rotation((target) => [0, target])],
  ['xx', pairRotation((targets) => [targets, 0])],
  ['yy', pairRotation((targets) => [targets, targets])],
  ['zz', pairRotation((targets) => [0, targets])],
  ['swap', { targets: 2, steps: swap }],
  ['pauliexp', { targets: 'any', needs: ['terms', 'coefficients', 'time'], steps: pauliExponential }],
]);

function swap(gate: Gate) {
  const [a = 0, b = 0] = gate.targets;
  return together(gate, [{ kind: 'swap', a, b, controls: maskOf(gate.controls) }]);
}

/** The terms commute (checked on the way in), so the exponential of their sum is the product of their exponentials. */
function pauliExponential(gate: Gate) {
  return together(
    gate,
    (gate.terms ?? []).map((term, index) => {
      const angle = 2 * (gate.time ?? 0) * (gate.coefficients?.[index] ?? 0);
      return pauli(maskWhere(gate, term, 'XY'), maskWhere(gate, term, 'YZ'), angle, maskOf(gate.controls));
    }),
  );
}

const maskWhere = (gate: Gate, term: string, letters: string) =>
  maskOf(gate.targets.filter((_, index) => letters.includes(term.charAt(term.length - 1 - index))));
