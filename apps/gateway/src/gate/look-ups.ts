import { Problem } from '#platform';

const BUSY = () =>
  new Problem('service/busy', 'Too many keys are being looked up at this moment. Try again shortly.', {
    retryAfterSeconds: 1,
  });

interface Line {
  running: number;
  readonly waiting: Set<() => void>;
}

/**
 * Room for keys that are not in memory: so many at once from one address and in all, so invented ones cannot starve good ones.
 * Those over it wait for a while, and then hear that they should come again.
 */
export class LookUps {
  private readonly lines = new Map<string, Line>();
  private inside = 0;

  constructor(
    private readonly most: { readonly perAddress: number; readonly waitMs: number; readonly inAll: number } = {
      perAddress: 64,
      waitMs: 2_000,
      inAll: 8_192,
    },
  ) {}

  async take<T>(address: string, work: () => Promise<T>): Promise<T> {
    if (this.inside >= this.most.inAll) throw BUSY();
    const line = this.lines.get(address) ?? { running: 0, waiting: new Set() };
    this.lines.set(address, line);
    this.inside++;
    try {
      if (line.running < this.most.perAddress) line.running++;
      else await this.turn(line);
      try {
        return await work();
      } finally {
        this.next(line);
      }
    } finally {
      this.inside--;
      if (line.running === 0 && line.waiting.size === 0) this.lines.delete(address);
    }
  }

  /** A request that leaves hands its turn to the next one. */
  private turn({ waiting }: Line): Promise<void> {
    return new Promise((mine, failed) => {
      const take = () => {
        clearTimeout(late);
        mine();
      };
      const late = setTimeout(() => {
        if (waiting.delete(take)) failed(BUSY());
      }, this.most.waitMs);
      waiting.add(take);
    });
  }

  private next(line: Line) {
    const [first] = line.waiting;
    if (!first) {
      line.running--;
      return;
    }
    line.waiting.delete(first);
    first();
  }
}
