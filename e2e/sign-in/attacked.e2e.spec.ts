import { execFile } from 'node:child_process';

describe('an account whose password is guessed a hundred times a second, from fifty networks', () => {
  it('lets its holder in from the device that it knows, every time', async () => {
    const { code, said } = await new Promise<{ code: number; said: string }>((done) => {
      execFile(
        process.execPath,
        ['dist/bench/src/faults/main.js', 'attacked', '--minutes', '0.15'],
        { env: { ...process.env, NODE_OPTIONS: '' } },
        (error, stdout, stderr) => {
          done({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}` });
        },
      );
    });
    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
  }, 300_000);
});
