import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registry } from '#platform';
import { collectDefaultMetrics, Registry } from 'prom-client';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const ours = registry.getMetricsAsArray();
const defaults = new Registry();
collectDefaultMetrics({ register: defaults });
const known = new Set(
  [...ours, ...defaults.getMetricsAsArray()].flatMap(({ name, type }) =>
    String(type) === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  ),
);
const named = (text: string) => [...new Set(text.match(/\b(?:rollcall|process|nodejs)_[a-z0-9_]+/g))];

describe('what watches Rollcall', () => {
  const expressions = [...read('deploy/prometheus/alerts.yml').matchAll(/^\s+expr: (.+)$/gm)].map(
    ([, expr = '']) => expr,
  );
  const dashboard = JSON.parse(read('deploy/grafana/rollcall.json')) as { panels: { targets?: { expr: string }[] }[] };
  const panels = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  it('asks for metrics that there are, in alerts and on the dashboard', () => {
    expect(expressions.length).toBeGreaterThan(10);
    expect(panels.length).toBeGreaterThan(20);
    expect([...expressions, ...panels].flatMap(named).filter((name) => !known.has(name))).toEqual([]);
  });

  it('groups and filters by labels that those metrics have', () => {
    const labels = new Set([
      'le',
      'job',
      'instance',
      'alertname',
      'alertstate',
      ...ours.flatMap((metric) => (metric as unknown as { labelNames: string[] }).labelNames),
    ]);
    const used = [...expressions, ...panels].flatMap((expr) => [
      ...[...expr.matchAll(/by \(([^)]+)\)/g)].flatMap(([, list = '']) => list.split(', ')),
      ...[...expr.matchAll(/[{,]\s*(\w+)=/g)].map(([, label = '']) => label),
    ]);
    expect(used.filter((label) => !labels.has(label))).toEqual([]);
  });

  it('shows every metric of ours on the dashboard', () => {
    const shown = new Set(panels.flatMap(named).map((name) => name.replace(/_(bucket|count|sum)$/, '')));
    expect(ours.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('explains every metric, and none that there is not', () => {
    const page = new Set(named(read('docs/operations/metrics.md')).filter((name) => name.startsWith('rollcall_')));
    expect([...page].sort()).toEqual(ours.map(({ name }) => name).sort());
  });

  it('keeps units in names: seconds, events, totals', () => {
    expect(
      ours.filter(({ type, name }) => String(type) === 'counter' && !name.endsWith('_total')).map(({ name }) => name),
    ).toEqual([]);
    expect(
      ours
        .filter(({ type, name }) => String(type) === 'histogram' && !name.endsWith('_seconds'))
        .map(({ name }) => name),
    ).toEqual([]);
  });

  it('has no label for whom or what a request was about', () => {
    for (const metric of ours)
      expect(
        (metric as unknown as { labelNames: string[] }).labelNames.filter((label) =>
          /id$|email|name|account|key|stream|network|ip$/i.test(label),
        ),
      ).toEqual([]);
  });

  it('is measured where it is declared: nothing of the registry is left unused', () => {
    const code = globSync('{apps,libs}/**/src/**/*.ts', { cwd: root, exclude: (name) => name.includes('node_modules') })
      .filter((file) => !file.endsWith('/metrics.ts'))
      .map(read)
      .join('\n');
    const properties = [
      ...read('libs/platform/src/observe/metrics.ts').matchAll(
        /^ {2}(\w+): (?:gauge|counter|histogram|new TalliedHistogram)\(/gm,
      ),
    ].map(([, name = '']) => name);
    expect(properties.length).toBe(ours.length);
    expect(properties.filter((name) => !new RegExp(`\\b(watched|counted|timed)\\.${name}\\b`).test(code))).toEqual([]);
  });
});
