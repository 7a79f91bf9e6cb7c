import { Lines, type Judge, type Shot } from './lines.ts';

export interface Fired {
  /** From the instant when each request was due, whether or not it could be sent then: nothing is left out when the server stalls. */
  readonly latencies: readonly number[];
  readonly answered: number;
  readonly lost: number;
  readonly perSecond: number;
}

/** Who is asked, by how many connections, what, and who compares the answers. */
export interface Aim<S extends Shot> {
  readonly port: number;
  readonly connections: number;
  readonly next: () => S;
  readonly judge: Judge<S>;
}

const CONNECT_MS = 50;
const DRAIN_MAX_MS = 15_000;

/** Sends requests at an even pace for a while, however slowly they are answered. */
export async function openLoop<S extends Shot>({ port, connections, next, judge }: Aim<S>, perSecond: number, windowMs: number): Promise<Fired> {
  const latencies: number[] = [];
  const took = (ms: number) => { latencies.push(ms); };
  const waiting: { shot: S; due: number }[] = [];
  const lines = new Lines<S>(port, connections, judge, () => {
    const first = waiting[0];
    if (first && lines.fire(first.shot, first.due, took)) waiting.shift();
  });
  await pause(CONNECT_MS);
  const [from, every] = [performance.now(), 1_000 / perSecond];
  let due = from;
  await new Promise<void>((over) => {
    const turn = () => {
      const now = performance.now();
      for (; due <= now && due - from < windowMs; due += every) {
        const shot = next();
        if (waiting.length > 0 || !lines.fire(shot, due, took)) waiting.push({ shot, due });
      }
      if (now - from >= windowMs) over();
      else setImmediate(turn);
    };
    turn();
  });
  return { ...await drained(lines, windowMs, () => waiting.length), latencies };
}

/** Sends as fast as answers come, for a while or until it has been enough. */
export async function closedLoop<S extends Shot>({ port, connections, next, judge }: Aim<S>, windowMs: number, enough: () => boolean = () => false): Promise<Fired> {
  const from = performance.now();
  let isOver = false;
  const lines = new Lines<S>(port, connections, judge, () => { if (!isOver) lines.fire(next(), performance.now()); });
  while (performance.now() - from < windowMs && !enough()) await pause(Math.min(100, Math.max(1, windowMs - (performance.now() - from))));
  isOver = true;
  return drained(lines, performance.now() - from, () => 0);
}

async function drained<S extends Shot>(lines: Lines<S>, windowMs: number, waiting: () => number): Promise<Fired> {
  for (const deadline = performance.now() + DRAIN_MAX_MS; lines.busy + waiting() > 0 && performance.now() < deadline;) await pause(5);
  const unanswered = lines.busy + waiting();
  lines.close();
  return { latencies: [], answered: lines.answered, lost: lines.lost + unanswered, perSecond: lines.answered / (windowMs / 1_000) };
}

const pause = (ms: number) => new Promise((later) => setTimeout(later, ms));

/** The value that a share of all does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
