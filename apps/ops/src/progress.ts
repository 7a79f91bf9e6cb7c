import { Presets, SingleBar } from 'cli-progress';

const SHOWN_AFTER_MS = 2_000;

/** How far something is. */
export interface Step {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly rate: number;
}

/** A bar on stderr with rate and time left, for what takes longer than two seconds; off a terminal nothing. */
export class ProgressBar {
  private readonly begun = performance.now();
  private bar: SingleBar | undefined;

  constructor(private readonly what: string) {}

  show({ phase, done, total, rate }: Step): void {
    if (!process.stderr.isTTY || performance.now() - this.begun < SHOWN_AFTER_MS) return;
    if (!this.bar) {
      this.bar = new SingleBar(
        {
          stream: process.stderr,
          format: '{what} {phase} [{bar}] {percentage}% {value}/{total}, {rate}/s, {left} left',
          clearOnComplete: true,
          hideCursor: true,
        },
        Presets.shades_grey,
      );
      this.bar.start(Math.max(total, 1), done, { what: this.what, phase, rate, left: '' });
    }
    this.bar.setTotal(Math.max(total, done, 1));
    this.bar.update(done, {
      phase,
      rate,
      left: rate > 0 ? `${Math.ceil(Math.max(total - done, 0) / rate)} s` : 'unknown',
    });
  }

  end(): void {
    this.bar?.stop();
  }
}
