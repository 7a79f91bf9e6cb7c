import type { Circuit, Gate } from './circuit.ts';

/** Complex numbers and matrices written out in full: slow, simple, and with nothing in common with the simulator. */
export type Complex = readonly [re: number, im: number];
type Dense = readonly (readonly Complex[])[];

const add = (a: Complex, b: Complex): Complex => [a[0] + b[0], a[1] + b[1]];
const times = (a: Complex, b: Complex): Complex => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
const cis = (angle: number): Complex => [Math.cos(angle), Math.sin(angle)];
const scale = (k: Complex, m: Dense): Dense => m.map((row) => row.map((entry) => times(k, entry)));
const plus = (a: Dense, b: Dense): Dense => a.map((row, i) => row.map((entry, j) => add(entry, b[i]?.[j] ?? [0, 0])));
const kron = (a: Dense, b: Dense): Dense =>
  a.flatMap((ra) => b.map((rb) => ra.flatMap((x) => rb.map((y) => times(x, y)))));
const identity = (n: number): Dense =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j): Complex => [i === j ? 1 : 0, 0]));

const I = identity(2);
const X: Dense = [
  [
    [0, 0],
    [1, 0],
  ],
  [
    [1, 0],
    [0, 0],
  ],
];
const Y: Dense = [
  [
    [0, 0],
    [0, -1],
  ],
  [
    [0, 1],
    [0, 0],
  ],
];
const Z: Dense = [
  [
    [1, 0],
    [0, 0],
  ],
  [
    [0, 0],
    [-1, 0],
  ],
];
const root = Math.sqrt(0.5);
const H: Dense = scale([root, 0], plus(X, Z));
/** cos(a) - i sin(a) P, for P² = 1. */
const turn = (angle: number, p: Dense): Dense =>
  plus(scale([Math.cos(angle), 0], identity(p.length)), scale([0, -Math.sin(angle)], p));
const diag = (angle: number): Dense => [
  [
    [1, 0],
    [0, 0],
  ],
  [[0, 0], cis(angle)],
];
const inPlane = (turns: number): Dense =>
  plus(scale([Math.cos(2 * Math.PI * turns), 0], X), scale([Math.sin(2 * Math.PI * turns), 0], Y));
const V: Dense = scale(cis(Math.PI / 4), turn(Math.PI / 4, X));
const VI: Dense = scale(cis(-Math.PI / 4), turn(-Math.PI / 4, X));
const LETTERS: Record<string, Dense> = { I, X, Y, Z };

/** A two-target matrix has its first target in the low bit. */
const pair = (p: Dense, q: Dense): Dense => kron(q, p);

function matrixOf(
  { gate, rotation: turned, phases = [], angle, terms = [], coefficients = [], time = 0 }: Gate,
  native: boolean,
): Dense {
  const rotation = turned ?? 0;
  const [p = 0, q = 0] = phases;
  switch (gate) {
    case 'x':
    case 'not':
    case 'cnot':
      return X;
    case 'y':
      return Y;
    case 'z':
      return turned === undefined ? Z : diag(turned);
    case 'h':
      return H;
    case 's':
      return diag(Math.PI / 2);
    case 'si':
      return diag(-Math.PI / 2);
    case 't':
      return diag(Math.PI / 4);
    case 'ti':
      return diag(-Math.PI / 4);
    case 'v':
      return V;
    case 'vi':
      return VI;
    case 'rx':
      return turn(rotation / 2, X);
    case 'ry':
      return turn(rotation / 2, Y);
    case 'rz':
      return turn(rotation / 2, Z);
    case 'xx':
      return turn(rotation / 2, pair(X, X));
    case 'yy':
      return turn(rotation / 2, pair(Y, Y));
    case 'zz':
      return turn(native ? Math.PI * (angle ?? 0) : rotation / 2, pair(Z, Z));
    case 'swap':
      return scale([0.5, 0], plus(plus(identity(4), pair(X, X)), plus(pair(Y, Y), pair(Z, Z))));
    case 'gpi':
      return inPlane(p);
    case 'gpi2':
      return turn(Math.PI / 4, inPlane(p));
    case 'ms':
      return turn(Math.PI * (angle ?? 0.25), pair(inPlane(p), inPlane(q)));
    case 'pauliexp':
      return terms
        .map((term, index) =>
          turn(time * (coefficients[index] ?? 0), [...term].map((letter) => LETTERS[letter] ?? I).reduce(kron)),
        )
        .reduce(multiply);
    default:
      throw new Error(gate);
  }
}

const multiply = (a: Dense, b: Dense): Dense =>
  a.map((row) =>
    (b[0] ?? []).map((_, j) =>
      row.reduce<Complex>((sum, entry, k) => add(sum, times(entry, b[k]?.[j] ?? [0, 0])), [0, 0]),
    ),
  );

/** The gate on a whole register: entry (row, column) is nonzero where only the targets differ and all controls are 1. */
function onRegister(gate: Gate, matrix: Dense, qubits: number): Dense {
  const local = (state: number) =>
    gate.targets.reduce((found, target, index) => found | (((state >> target) & 1) << index), 0);
  const rest = (state: number) => gate.targets.reduce((left, target) => left & ~(1 << target), state);
  const on = (state: number) => gate.controls.every((control) => ((state >> control) & 1) === 1);
  const states = Array.from({ length: 2 ** qubits }, (_, state) => state);
  return states.map((row) =>
    states.map((column): Complex => {
      if (rest(row) !== rest(column)) return [0, 0];
      return on(row) ? (matrix[local(row)]?.[local(column)] ?? [0, 0]) : [row === column ? 1 : 0, 0];
    }),
  );
}

/** The amplitudes after a circuit, by plain matrix products. */
export function denseAmplitudes({ gates, qubits, gateset }: Circuit): readonly Complex[] {
  const start = identity(2 ** qubits).map((row): readonly Complex[] => [row[0] ?? [0, 0]]);
  const end = gates.reduce<Dense>(
    (state, gate) => multiply(onRegister(gate, matrixOf(gate, gateset === 'native'), qubits), state),
    start,
  );
  return end.map((row) => row[0] ?? [0, 0]);
}
