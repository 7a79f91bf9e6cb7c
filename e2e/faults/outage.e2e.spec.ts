import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, eventually, Product, type SignedUp } from '#testing';

const BELL = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  input: {
    gateset: 'qis',
    qubits: 2,
    circuit: [
      { gate: 'h', target: 0 },
      { gate: 'cnot', control: 0, target: 1 },
    ],
  },
};

/** Starts what must not come up; how it ended. */
function failedStart(env: NodeJS.ProcessEnv): Promise<{ code: number | null; lines: string[] }> {
  return new Promise((done) => {
    let printed = '';
    const child = spawn(process.execPath, ['dist/apps/rollcall/src/main.js'], {
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
      });
    child.once('close', (code) => {
      clearTimeout(late);
      done({ code, lines: printed.trim().split('\n') });
    });
  });
}

describe('an outage', () => {
  let product: Product;
  let ada: SignedUp;
  let secret: string;
  let folder: string;
  const withKey = () => ({ authorization: `apiKey ${secret}` });
  const postmaster = () =>
    Number(readFileSync(join(product.dataFolder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-start-'));
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
    ({
      body: { secret },
    } = await ada.visitor.post('/v1/keys', { name: 'laptop', projectId: ada.projectId }));
  });
  afterAll(async () => {
    await product.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('a configuration value that cannot be is named in one line, and nothing starts', async () => {
    expect(await failedStart({ ROLLCALL_DATA: join(folder, 'unused'), PORT: 'abc' })).toEqual({
      code: 78,
      lines: ['Rollcall cannot start: PORT: must be a number from 1 to 65535, such as PORT=8080'],
    });
    const wrong = {
      PORT: '70000',
      ROLLCALL_ORIGIN: 'https://id.example.com/path',
      SMTP_URL: 'canary',
      ROLLCALL_DEV: 'yes',
      KEY_PREFIX: 'Canary',
      LOG_LEVEL: 'canary',
      MAILS_PER_ADDRESS_AND_HOUR: 'canary',
    };
    const { code, lines } = await failedStart({ ROLLCALL_DATA: join(folder, 'unused'), ...wrong });
    expect(code).toBe(78);
    expect(lines.map((line) => /^Rollcall cannot start: (\w+): /.exec(line)?.[1]).sort()).toEqual(
      Object.keys(wrong).sort(),
    );
    expect(lines.join('')).not.toMatch(/canary/i);
    expect(existsSync(join(folder, 'unused'))).toBe(false);
  });

  it('a port in use is named in one line, with what to do', async () => {
    const { code, lines } = await failedStart({ ROLLCALL_DATA: join(folder, 'unused'), PORT: String(product.port) });
    expect(code).toBe(1);
    expect(lines).toEqual([
      `Rollcall cannot start: port ${product.port} is in use. Stop what uses it, or choose another: PORT=${product.port + 1}`,
    ]);
  });

  it('a data folder that is a file, or lies in one, is named in one line', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')]) {
      const { code, lines } = await failedStart({ ROLLCALL_DATA: path, PORT: String(product.port + 1) });
      expect(code).toBe(1);
      expect(lines).toEqual([
        expect.stringMatching(
          /^Rollcall cannot start: the data folder .* cannot be made or written\. Set ROLLCALL_DATA/,
        ),
      ]);
    }
  });

  it('a data folder that another Rollcall holds is named in one line', async () => {
    const { code, lines } = await failedStart({
      ROLLCALL_DATA: join(product.dataFolder, 'data'),
      PORT: String(product.port + 1),
    });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^Rollcall cannot start: another Rollcall \(process \d+\) uses /)]);
  });

  it('of PostgreSQL is answered with 503, ends by itself, and loses nothing that was confirmed', async () => {
    const before = {
      pid: postmaster(),
      job: (await product.visitor().post('/v0.4/jobs', BELL, withKey())).body.id as string,
    };
    const confirmed: string[] = [];
    const answers: Answer[] = [];
    process.kill(before.pid, 'SIGINT');
    for (let last = 0, good = 0; good < 5;) {
      const name = `during ${answers.length}`;
      const [created, read, keyed] = await Promise.all([
        ada.visitor.post(`/v1/organizations/${ada.organizationId}/projects`, { name }),
        ada.visitor.get('/v1/account'),
        product.visitor().get('/v0.4/whoami', withKey()),
      ]);
      if (created.status === 201) confirmed.push(name);
      answers.push(created, read, keyed);
      last = Math.max(created.status, read.status, keyed.status);
      good = last < 300 ? good + 1 : 0;
    }
    const failed = answers.filter(({ status }) => status >= 300);
    expect(failed.length).toBeGreaterThan(0);
    expect([...new Set(failed.map(({ status }) => status))]).toEqual([503]);
    // Once the server is back, its log is compared with the bus before anything is judged by it.
    expect(
      failed
        .map(({ body }) => String(body.code))
        .filter((code) => code !== 'service/unavailable' && code !== 'log/unproven'),
    ).toEqual([]);
    expect(postmaster()).not.toBe(before.pid);
    const names = await eventually(
      () => ada.visitor.get(`/v1/organizations/${ada.organizationId}/projects?limit=200`),
      ({ body }) => confirmed.every((name) => body.items.some((item: { name: string }) => item.name === name)),
    );
    expect(names.status).toBe(200);
    await eventually(
      () => product.visitor().get(`/v0.4/jobs/${before.job}`, withKey()),
      ({ body }) => body.status === 'completed',
    );
    expect(await product.mail('ada@example.com', /./)).toBeDefined();
    expect((await product.signUp('after@example.com', 'After')).accountId).toMatch(/^[\da-f-]{36}$/);
  });
});
