import { Histogram, type Metric, type Registry } from 'prom-client';

/** Observations of one set of labels. */
export class Tally {
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length);
  }

  observe(value: number): void {
    let at = 0;
    while (at < this.bounds.length && value > (this.bounds[at] ?? Infinity)) at++;
    if (at < this.counts.length) this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
    this.count++;
  }
}

interface Settings<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  readonly buckets: readonly number[];
}

/**
 * A histogram for what happens a hundred thousand times a second. prom-client puts labels into words at each observation,
 * which costs as much as judging a key; a `tally` has its labels from the start. Both are one metric at the scrape.
 */
export class TalliedHistogram<L extends string> extends Histogram<L> {
  private readonly tallies = new Map<
    string,
    { readonly labels: Readonly<Record<L, string | number>>; readonly tally: Tally }
  >();

  constructor(
    private readonly settings: Settings<L>,
    registry: Registry,
  ) {
    super({ ...settings, buckets: [...settings.buckets], registers: [] });
    // The registry is given the face that the library documents: of its own histograms it calls another one.
    registry.registerMetric({
      ...settings,
      type: 'histogram',
      aggregator: 'sum',
      get: () => this.get(),
    } as unknown as Metric);
  }

  /** The one tally of these labels. */
  tally(labels: Readonly<Record<L, string | number>>): Tally {
    const name = JSON.stringify(this.settings.labelNames.map((label) => String(labels[label])));
    const known = this.tallies.get(name) ?? { labels, tally: new Tally(this.settings.buckets) };
    this.tallies.set(name, known);
    return known.tally;
  }

  override async get(): Promise<Awaited<ReturnType<Histogram<L>['get']>>> {
    const shown = await super.get();
    return {
      ...shown,
      values: [
        ...shown.values,
        ...[...this.tallies.values()].flatMap(({ labels, tally }) => this.values(labels, tally)),
      ],
    };
  }

  private values(labels: Readonly<Record<L, string | number>>, { counts, sum, count }: Tally) {
    const { name, buckets } = this.settings;
    let below = 0;
    return [
      ...buckets.map((le, at) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le },
        value: (below += counts[at] ?? 0),
      })),
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
