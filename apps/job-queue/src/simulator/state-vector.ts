import type { Matrix, Pass } from './step.ts';

/** Amplitudes in two planes; index bit q is qubit q. */
export interface StateVector {
  readonly re: Float64Array | Float32Array;
  readonly im: Float64Array | Float32Array;
}

/** Single precision halves the memory where it starts to matter; below, double precision keeps exact answers exact. */
const DOUBLE_QUBITS_MAX = 24;

export const bytesFor = (qubits: number): number => 2 ** qubits * (qubits <= DOUBLE_QUBITS_MAX ? 16 : 8);

export function newStateVector(qubits: number): StateVector {
  const plane = qubits <= DOUBLE_QUBITS_MAX ? Float64Array : Float32Array;
  return { re: new plane(2 ** qubits), im: new plane(2 ** qubits) };
}

/** All qubits in |0⟩. */
export function reset({ re, im }: StateVector): void {
  re.fill(0);
  im.fill(0);
  re[0] = 1;
}

export function apply(state: StateVector, pass: Pass): void {
  switch (pass.kind) {
    case 'matrix':
      applyMatrix(state, pass.target, pass.controls, pass.matrix);
      return;
    case 'pauli':
      if (pass.x === 0) rotateDiagonal(state, pass.z, pass.controls, pass.angle);
      else rotatePairs(state, pass.x, pass.z, pass.controls, pass.angle);
      return;
    case 'swap':
      applySwap(state, pass.a, pass.b, pass.controls);
  }
}

/* In the loops below `as number` is what noUncheckedIndexedAccess cannot see: the indices stay inside the planes. */

function applyMatrix({ re, im }: StateVector, target: number, controls: number, matrix: Matrix) {
  const [ar, ai, br, bi, cr, ci, dr, di] = matrix;
  const stride = 1 << target;
  const low = stride - 1;
  const half = re.length / 2;
  for (let k = 0; k < half; k++) {
    const i = ((k & ~low) << 1) | (k & low);
    if ((i & controls) !== controls) continue;
    const j = i | stride;
    const pr = re[i] as number,
      pi = im[i] as number,
      qr = re[j] as number,
      qi = im[j] as number;
    re[i] = ar * pr - ai * pi + br * qr - bi * qi;
    im[i] = ar * pi + ai * pr + br * qi + bi * qr;
    re[j] = cr * pr - ci * pi + dr * qr - di * qi;
    im[j] = cr * pi + ci * pr + dr * qi + di * qr;
  }
}

function rotateDiagonal({ re, im }: StateVector, z: number, controls: number, angle: number) {
  const c = Math.cos(angle / 2),
    s = Math.sin(angle / 2);
  for (let i = 0; i < re.length; i++) {
    if ((i & controls) !== controls) continue;
    const si = odd(i & z) ? s : -s;
    const pr = re[i] as number,
      pi = im[i] as number;
    re[i] = c * pr - si * pi;
    im[i] = c * pi + si * pr;
  }
}

/** P maps |i⟩ to a phase times |i ^ x⟩, and back with the conjugate phase: the vector falls into pairs. */
function rotatePairs({ re, im }: StateVector, x: number, z: number, controls: number, angle: number) {
  const c = Math.cos(angle / 2),
    s = Math.sin(angle / 2);
  const [phaseRe, phaseIm] = POWERS_OF_I[ones(x & z) & 3] as readonly [number, number];
  const stride = 1 << (31 - Math.clz32(x));
  const low = stride - 1;
  const half = re.length / 2;
  for (let k = 0; k < half; k++) {
    const i = ((k & ~low) << 1) | (k & low);
    if ((i & controls) !== controls) continue;
    const j = i ^ x;
    const sign = odd(i & z) ? -s : s;
    const ur = sign * phaseIm,
      ui = -sign * phaseRe;
    const pr = re[i] as number,
      pi = im[i] as number,
      qr = re[j] as number,
      qi = im[j] as number;
    re[i] = c * pr - ur * qr - ui * qi;
    im[i] = c * pi - ur * qi + ui * qr;
    re[j] = c * qr + ur * pr - ui * pi;
    im[j] = c * qi + ur * pi + ui * pr;
  }
}

function applySwap({ re, im }: StateVector, a: number, b: number, controls: number) {
  const one = 1 << a,
    other = 1 << b;
  for (let i = 0; i < re.length; i++) {
    if ((i & one) === 0 || (i & other) !== 0 || (i & controls) !== controls) continue;
    const j = i ^ one ^ other;
    const pr = re[i] as number,
      pi = im[i] as number;
    re[i] = re[j] as number;
    im[i] = im[j] as number;
    re[j] = pr;
    im[j] = pi;
  }
}

const POWERS_OF_I = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/** Whether so many bits are set. */
export function odd(mask: number): boolean {
  let v = mask ^ (mask >>> 16);
  v ^= v >>> 8;
  v ^= v >>> 4;
  // Bit n of this word is the parity of n.
  return ((0x6996 >>> (v & 15)) & 1) === 1;
}

function ones(mask: number): number {
  let count = 0;
  for (let v = mask; v !== 0; v &= v - 1) count++;
  return count;
}
