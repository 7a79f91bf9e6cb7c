import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}
const rules = (parse(read('deploy/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

describe('alerts', () => {
  it('say how bad it is, what happened, and where the page is that says what to do', () => {
    expect(rules.length).toBeGreaterThan(15);
    for (const { alert, labels, annotations, ...rule } of rules) {
      expect([alert, labels.severity]).toEqual([alert, expect.stringMatching(/^(page|ticket)$/)]);
      expect(annotations.summary).toMatch(/\w{3}/);
      expect(rule.for ?? '1m').toMatch(/^\d+[smh]$/);
      const [page = '', part = ''] = annotations.runbook_url.split('#');
      expect(read(page)).toMatch(new RegExp(`^## ${alert}$`, 'm'));
      expect(part).toBe(alert.toLowerCase());
    }
  });

  it('are all on the page, and no other is', () => {
    const explained = [...read('docs/operations/alerts.md').matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(explained).toEqual(rules.map(({ alert }) => alert));
  });

  it('stand above a dashboard that first answers whether all is well', () => {
    const { panels } = JSON.parse(read('deploy/grafana/rollcall.json')) as {
      panels: { type: string; title: string; gridPos: { y: number }; targets?: { expr: string }[] }[];
    };
    const [first, ...others] = panels;
    const second = others.findIndex(({ type }) => type === 'row');
    expect(first).toMatchObject({ type: 'row', title: 'Is all well?', gridPos: { y: 0 } });
    expect(others.slice(0, second).map(({ type }) => type)).toEqual(Array.from({ length: second }, () => 'stat'));
    // Nothing there says nothing while nothing is wrong.
    expect(others.slice(0, second).flatMap(({ targets = [] }) => targets).length).toBeGreaterThan(5);
  });
});
