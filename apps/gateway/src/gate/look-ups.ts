import { Problem } from '#platform';

const BUSY = () =>
  new Problem('service/busy', 'Too many keys are being looked up at this moment. Try again shortly.', {
    retryAfterSeconds: 1,
  });

interface Queue {
  running: number;
  readonly waiting: Set<() => void>;
}

/**
 * Room for keys that are not in memory: so many at once from one address and in all, so invented ones cannot starve good ones.
 * Those over it wait for a while, and then hear that they should come again.
 */
export class LookUps {
  private readonly queues = new Map<string, Queue>();
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
    const queue = this.queues.get(address) ?? { running: 0, waiting: new Set() };
    this.queues.set(address, queue);
    this.inside++;
    try {
      if (queue.running < this.most.perAddress) queue.running++;
      else await this.turn(queue);
      try {
        return await work();
      } finally {
        this.next(queue);
      }
    } finally {
      this.inside--;
      if (queue.running === 0 && queue.waiting.size === 0) this.queues.delete(address);
    }
  }

  /** A request that leaves hands its turn to the next one. */
  private turn({ waiting }: Queue): Promise<void> {
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

  private next(queue: Queue) {
    const [first] = queue.waiting;
    if (!first) {
      queue.running--;
      return;
    }
    queue.waiting.delete(first);
    first();
  }
}
