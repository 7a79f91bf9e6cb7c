import { Histogram, Registry } from 'prom-client';
import { TalliedHistogram } from './tallied-histogram.ts';

const settings = {
  name: 'took_seconds',
  help: 'How long it took',
  labelNames: ['route', 'status'] as const,
  buckets: [0.001, 0.01, 0.1],
};
const VALUES = [0, 0.0005, 0.001, 0.0011, 0.05, 0.1, 7];

describe('a tallied histogram', () => {
  it('shows what is tallied exactly as prom-client shows what it observes', async () => {
    const [ours, theirs] = [new Registry(), new Registry()];
    const tally = new TalliedHistogram(settings, ours).tally({ route: '/authz', status: 200 });
    const histogram = new Histogram({ ...settings, labelNames: [...settings.labelNames], registers: [theirs] });
    for (const value of VALUES) {
      tally.observe(value);
      histogram.observe({ route: '/authz', status: 200 }, value);
    }
    const lines = (text: string) =>
      text
        .split('\n')
        .map((line) => line.replace(/\{(.*)\}/, (_all, labels: string) => `{${labels.split(',').sort().join()}}`))
        .sort();
    expect(lines(await ours.metrics())).toEqual(lines(await theirs.metrics()));
  });

  it('is one metric with what is observed in the usual way', async () => {
    const registry = new Registry();
    const histogram = new TalliedHistogram(settings, registry);
    for (const value of [0.25, 0.75]) histogram.tally({ route: '/authz', status: 200 }).observe(value);
    histogram.observe({ route: '/v1/keys', status: 201 }, 2);
    const text = await registry.metrics();
    expect(text.match(/# TYPE/g)).toHaveLength(1);
    expect(text).toContain('took_seconds_sum{route="/authz",status="200"} 1');
    expect(text).toMatch(/took_seconds_sum\{route="\/v1\/keys",status="201"\} 2/);
  });
});
