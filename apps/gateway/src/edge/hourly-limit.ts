import { type Clock, Problem } from '#platform';

const HOUR_MS = 3_600_000;
const NETWORKS_MAX = 10_000;

/** So many of one kind an hour from one network, counted by this process in windows of an hour. */
export class HourlyLimit {
  private window = 0;
  private counts = new Map<string, number>();

  constructor(private readonly max: number, private readonly clock: Pick<Clock, 'now'>) {}

  /** Counts one more. @throws Problem beyond the limit. */
  require(network: string): void {
    const now = this.clock.now().getTime();
    const window = Math.floor(now / HOUR_MS);
    if (window !== this.window || this.counts.size >= NETWORKS_MAX) this.counts = new Map();
    this.window = window;
    const count = (this.counts.get(network) ?? 0) + 1;
    this.counts.set(network, count);
    if (count > this.max) throw new Problem('request/rate-limited', 'Too many of these came from your network within the hour.', { retryAfterSeconds: Math.ceil(((window + 1) * HOUR_MS - now) / 1000) });
  }
}
