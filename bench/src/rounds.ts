/** What one window has seen: how many a second, and how many answers were wrong. */
export interface Window {
  readonly perSecond: number;
  readonly wrongAnswers: number;
}

/** Someone who takes part: does its work for so long, as fast as it can. */
export type Contender = (windowMs: number) => Promise<Window>;

export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Per contender, its windows in the order of the rounds. */
export type Rounds<N extends string> = Record<N, readonly Window[]>;

/**
 * Lets contenders take turns, A B C A B C, so that what the machine does meanwhile meets all of them.
 * A first round warms up and does not count, but for its wrong answers.
 */
export async function takeTurns<N extends string>(
  contenders: Record<N, Contender>,
  rounds: number,
  windowMs: number,
): Promise<Rounds<N>> {
  const names = Object.keys(contenders) as N[];
  const windows = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<N, Window[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const window = await contenders[name](windowMs);
      if (round > 0) windows[name].push(window);
      else if (window.wrongAnswers > 0)
        throw new Error(`${name} answered wrongly in its warm-up: nothing it did afterwards would count`);
    }
  }
  return windows;
}

/** Ours over theirs, round by round. */
export function ratio(ours: readonly Window[], theirs: readonly Window[]): Ratio {
  const ratios = ours.map((window, i) => window.perSecond / (theirs[i]?.perSecond ?? NaN));
  return { median: round2(median(ratios)), min: round2(Math.min(...ratios)), max: round2(Math.max(...ratios)) };
}

/** The typical rate of a contender, beside its ratio. */
export const rate = (windows: readonly Window[]): number =>
  Math.round(median(windows.map((window) => window.perSecond)));

export const wrongAnswers = (windows: readonly Window[]): number =>
  windows.reduce((sum, window) => sum + window.wrongAnswers, 0);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

const round2 = (value: number) => Math.round(value * 100) / 100;
