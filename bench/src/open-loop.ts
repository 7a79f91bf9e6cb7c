import { Lines, type Judge, type Shot } from './lines.ts';

export interface Fired {
  /** From the instant when each request was due, whether or not it could be sent then: nothing is left out when the server stalls. */
  readonly latencies: readonly number[];
  readonly answered: number;
  readonly lost: number;
  readonly perSecond: number;
}

const DRAIN_MAX_MS = 15_000;

/** Sends requests at an even pace for a while, however slowly they are answered. */
export async function openLoop<S extends Shot>(ports: readonly number[], connections: number, perSecond: number, windowMs: number, next: () => S, judge: Judge<S>): Promise<Fired> {
  const latencies: number[] = [];
  const waiting: { shot: S; due: number }[] = [];
  const lines = new Lines<S>(ports, connections, judge, () => {
    const first = waiting[0];
    if (first && lines.fire(first.shot, first.due, latencies)) waiting.shift();
  });
  await connected();
  const [from, every] = [performance.now(), 1_000 / perSecond];
  let due = from;
  await new Promise<void>((over) => {
    const turn = () => {
      const now = performance.now();
      for (; due <= now && due - from < windowMs; due += every) {
        const shot = next();
        if (waiting.length > 0 || !lines.fire(shot, due, latencies)) waiting.push({ shot, due });
      }
      if (now - from >= windowMs) over();
      else setImmediate(turn);
    };
    turn();
  });
  for (const deadline = performance.now() + DRAIN_MAX_MS; (lines.busy > 0 || waiting.length > 0) && performance.now() < deadline;) await pause(5);
  const unanswered = lines.busy + waiting.length;
  lines.close();
  return { latencies, answered: lines.answered, lost: lines.lost + unanswered, perSecond: lines.answered / (windowMs / 1_000) };
}

/** Sends as fast as answers come. */
export async function closedLoop<S extends Shot>(ports: readonly number[], connections: number, windowMs: number, next: () => S, judge: Judge<S>): Promise<Fired> {
  const until = performance.now() + windowMs;
  const lines: Lines<S> = new Lines<S>(ports, connections, judge, () => {
    // The constructor's own connections come later: there is no line before the next turn.
    if (performance.now() < until) lines.fire(next(), performance.now());
  });
  await pause(windowMs);
  for (const deadline = performance.now() + DRAIN_MAX_MS; lines.busy > 0 && performance.now() < deadline;) await pause(5);
  const unanswered = lines.busy;
  lines.close();
  return { latencies: [], answered: lines.answered, lost: lines.lost + unanswered, perSecond: lines.answered / (windowMs / 1_000) };
}

const pause = (ms: number) => new Promise((later) => setTimeout(later, ms));
const connected = () => pause(50);

/** The value that a share of all does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
