import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

describe('the alerts', () => {
  it('are rules, and fire when they should and not when they should not, by Prometheus itself', async () => {
    const promtool = (await run('tools/promtool/prepare.sh')).stdout.trim();
    await run(promtool, ['check', 'rules', 'deploy/prometheus/alerts.yml']);
    const { stdout, stderr } = await run(promtool, ['test', 'rules', 'deploy/prometheus/alerts.test.yml']);
    expect(stdout + stderr).toContain('SUCCESS');
  });
});
