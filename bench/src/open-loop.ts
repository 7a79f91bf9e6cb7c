import { getPriority, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Connections, type Judge, type Shot } from './connections.ts';

export interface Fired {
  /** From the instant when each request was to be sent, whether or not a connection was free then: nothing is left out when the server stalls. */
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

const FIRST = -15;
const CONNECT_MS = 50;
const DRAIN_MAX_MS = 15_000;

/**
 * Sends as many requests as are due, millisecond by millisecond, however slowly they are answered. One that finds no free
 * connection waits, and its wait counts. That this process itself comes too late does not: it is no fault of the server.
 */
export async function openLoop<S extends Shot>(
  { port, connections, next, judge }: Aim<S>,
  perSecond: number,
  windowMs: number,
): Promise<Fired> {
  const latencies: number[] = [];
  const took = (ms: number) => {
    latencies.push(ms);
  };
  const waiting: { shot: S; due: number }[] = [];
  const lines = new Connections<S>(port, connections, judge, () => {
    const first = waiting[0];
    if (first && lines.fire(first.shot, first.due, took)) waiting.shift();
  });
  await pause(CONNECT_MS);
  const from = performance.now();
  let sent = 0;
  const calm = first();
  await new Promise<void>((over) => {
    const turn = () => {
      const now = performance.now();
      for (; sent < (Math.min(now - from, windowMs) / 1_000) * perSecond; sent++) {
        const shot = next();
        if (waiting.length > 0 || !lines.fire(shot, now, took)) waiting.push({ shot, due: now });
      }
      if (now - from >= windowMs) over();
      else setTimeout(turn, 1);
    };
    turn();
  });
  calm();
  return { ...(await drained(lines, windowMs, () => waiting.length)), latencies };
}

/** Sends as fast as answers come, for a while or until it has been enough. */
export async function closedLoop<S extends Shot>(
  { port, connections, next, judge }: Aim<S>,
  windowMs: number,
  enough: () => boolean = () => false,
): Promise<Fired> {
  const from = performance.now();
  let isOver = false;
  const lines = new Connections<S>(port, connections, judge, () => {
    if (!isOver) lines.fire(next(), performance.now());
  });
  while (performance.now() - from < windowMs && !enough())
    await pause(Math.min(100, Math.max(1, windowMs - (performance.now() - from))));
  isOver = true;
  return drained(lines, performance.now() - from, () => 0);
}

async function drained<S extends Shot>(lines: Connections<S>, windowMs: number, waiting: () => number): Promise<Fired> {
  for (const deadline = performance.now() + DRAIN_MAX_MS; lines.busy + waiting() > 0 && performance.now() < deadline;)
    await pause(5);
  const unanswered = lines.busy + waiting();
  lines.close();
  return {
    latencies: [],
    answered: lines.answered,
    lost: lines.lost + unanswered,
    perSecond: lines.answered / (windowMs / 1_000),
  };
}

let measuring = 0;
const usual = getPriority();

/** The measuring process goes before all else on its core, if it may: only then is what it sees the server's time. */
function first(): () => void {
  measuring++;
  prioritize(Math.min(usual, FIRST));
  return () => {
    if (--measuring === 0) prioritize(usual);
  };
}

function prioritize(priority: number) {
  try {
    setPriority(priority);
  } catch {
    // Not everybody may.
  }
}

/** The value that a share of all does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
