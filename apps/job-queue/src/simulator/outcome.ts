import type { Random } from './random.ts';
import type { StateVector } from './state-vector.ts';

/** Measured states, ascending, and how likely (or how often) each is. */
export interface Distribution {
  readonly states: readonly number[];
  readonly probabilities: readonly number[];
}

/** Below this an amplitude is rounding, not physics. */
const PROBABILITY_MIN = 1e-12;
/** A longer answer would be more than 25 MB of JSON. */
export const STATES_MAX = 2 ** 20;

/** The exact probabilities, or undefined when they are too many to tell. */
export function exactly({ re, im }: StateVector): Distribution | undefined {
  const states: number[] = [];
  const found: number[] = [];
  let total = 0;
  for (let i = 0; i < re.length; i++) {
    const p = (re[i] as number) ** 2 + (im[i] as number) ** 2;
    if (p < PROBABILITY_MIN) continue;
    if (states.length === STATES_MAX) return undefined;
    states.push(i);
    found.push(p);
    total += p;
  }
  if (!Number.isFinite(total)) throw notFinite();
  return { states, probabilities: found.map((p) => Math.round((p / total) * 1e15) / 1e15) };
}

/** No JSON says NaN. What is sent is bounded, so this is a fault of ours. */
const notFinite = () => new Error('the amplitudes are not finite');

export type Counts = Map<number, number>;

/** Measures `shots` times; sorted draws need one sweep over the vector, however many they are. */
export function sample({ re, im }: StateVector, shots: number, random: Random, counts: Counts): void {
  const draws = Float64Array.from({ length: shots }, random).sort();
  const norm = squaredNorm({ re, im });
  if (!Number.isFinite(norm)) throw notFinite();
  let drawn = 0,
    below = 0,
    last = 0;
  for (let i = 0; i < re.length && drawn < shots; i++) {
    const p = (re[i] as number) ** 2 + (im[i] as number) ** 2;
    if (p === 0) continue;
    below += p;
    last = i;
    const first = drawn;
    while (drawn < shots && (draws[drawn] as number) * norm < below) drawn++;
    if (drawn > first) counts.set(i, (counts.get(i) ?? 0) + drawn - first);
  }
  if (drawn < shots) counts.set(last, (counts.get(last) ?? 0) + shots - drawn);
}

export function squaredNorm({ re, im }: StateVector): number {
  let total = 0;
  for (let i = 0; i < re.length; i++) total += (re[i] as number) ** 2 + (im[i] as number) ** 2;
  return total;
}

export function frequencies(counts: Counts, shots: number): Distribution {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { states: sorted.map(([state]) => state), probabilities: sorted.map(([, count]) => count / shots) };
}

/** `{"0":0.5,"3":0.5}`: decimal states, qubit 0 least significant. */
export const toJson = ({ states, probabilities }: Distribution): string =>
  `{${states.map((state, index) => `"${state}":${probabilities[index] ?? 0}`).join(',')}}`;
