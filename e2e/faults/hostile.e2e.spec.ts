import { execFile } from 'node:child_process';

describe('strangers who mean harm', () => {
  it('stop nobody: nothing good is refused, no consumer stands still, every invariant holds', async () => {
    const { code, said } = await new Promise<{ code: number; said: string }>((done) => {
      execFile(
        process.execPath,
        ['dist/bench/src/faults/main.js', 'hostile', '--minutes', '0.4', '--seed', '11'],
        { env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: 64 * 2 ** 20 },
        (error, stdout, stderr) => {
          done({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}` });
        },
      );
    });
    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
  }, 600_000);
});
