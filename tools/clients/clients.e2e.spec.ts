import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { eventually, Product, type SignedUp } from '#testing';

const run = promisify(execFile);
const FOLDER = 'tools/clients';
const INSTALL_MAX_MS = 600_000;
const CASE_MAX_MS = 90_000;

/** Other people's clients, unmodified, with nothing set but the URL and the key. */
describe('the Python clients', () => {
  let product: Product;
  let ada: SignedUp;
  let secret: string;

  const keyNamed = async (name: string): Promise<{ id: string; secret: string }> => {
    // A key needs facts that may be late on a busy machine: a 503, asked again.
    const { body } = await eventually(
      () => ada.visitor.post('/v1/keys', { name, projectId: ada.projectId }),
      ({ status }) => status === 201,
    );
    return { id: body.key.id, secret: body.secret };
  };

  const python = async (given: readonly string[], key = secret): Promise<string> => {
    const { stdout } = await run(`${FOLDER}/.venv/bin/python`, ['-W', 'ignore', ...given], {
      env: { ...process.env, IONQ_API_URL: `${product.origin}/v0.4`, IONQ_API_KEY: key },
      timeout: CASE_MAX_MS - 5_000,
    });
    return stdout;
  };
  const client = async (which: string, key = secret) =>
    JSON.parse((await python([`${FOLDER}/clients.py`, which], key)).trim().split('\n').at(-1) ?? '');

  beforeAll(async () => {
    await run('tools/venv.sh', [FOLDER]).catch((error: unknown) => {
      throw new Error(`The Python clients are not there. ${error instanceof Error ? error.message : ''}`);
    });
    product = await Product.start();
    ada = await product.signUp('ada@example.com');
    ({ secret } = await keyNamed('clients'));
  }, INSTALL_MAX_MS);
  afterAll(() => product.dispose());

  it(
    'gives qiskit-ionq 00 and 11 for a Bell pair, and nothing else',
    async () => {
      const { qubits, counts, probabilities, status } = await client('qiskit-single');
      expect({ qubits, status }).toEqual({ qubits: 29, status: 'DONE' });
      expect(probabilities).toEqual({ '00': 0.5, 11: 0.5 });
      expect(Object.keys(counts).sort()).toEqual(['00', '11']);
    },
    CASE_MAX_MS,
  );

  it(
    'gives qiskit-ionq each circuit of a job of several its own result',
    async () => {
      const {
        counts: [bell, flipped],
      } = await client('qiskit-multi');
      expect(Object.keys(bell).sort()).toEqual(['00', '11']);
      expect(flipped).toEqual({ '001': 1000 });
    },
    CASE_MAX_MS,
  );

  it(
    'runs 20 qubits with a noise model for qiskit-ionq',
    async () => {
      const { shots, width, ideal, states } = await client('qiskit-noise');
      expect({ shots, width }).toEqual({ shots: 500, width: 20 });
      expect(ideal).toBeGreaterThan(250);
      expect(states).toBeGreaterThan(2);
    },
    CASE_MAX_MS,
  );

  it(
    'gives qiskit-ionq each shot, as it was measured and as it is counted',
    async () => {
      const { right, ...told } = await client('qiskit-memory');
      expect(told).toEqual({ shots: 200, same: true });
      expect(right).toBeGreaterThan(190);
    },
    CASE_MAX_MS,
  );

  it(
    'gives the sampler of qiskit what was measured, or tells it why not: never zeros that nobody measured',
    async () => {
      const found = await client('qiskit-sampler');
      for (const model of ['aria-1', 'forte-1']) {
        expect([model, found[model] > 190, found[`${model} alone`] > 190]).toEqual([model, true, true]);
        expect(found[`${model} of two`]).toMatch(
          /BackendSamplerV2 would read these shots wrongly: run the circuits without memory=True/,
        );
      }
      // Here the client asks for none, and can only be warned.
      expect(found.ideal).toContainEqual(expect.stringMatching(/BackendSamplerV2 shows zeros/));
    },
    CASE_MAX_MS,
  );

  it(
    'tells qiskit-ionq that a dry run has no results',
    async () => {
      expect(await client('qiskit-dry-run')).toEqual({
        status: 'DONE',
        dry_run: true,
        raised: expect.stringMatching(/dry_run=True; no measurement results/),
      });
    },
    CASE_MAX_MS,
  );

  it(
    'lets cirq-ionq give up waiting for a job',
    async () => {
      expect(await client('cirq-timeout')).toEqual({ raised: expect.stringMatching(/^TimeoutError: Job timed out/) });
    },
    CASE_MAX_MS,
  );

  it.each(['qiskit-ionq', 'cirq-ionq', 'ionq-core', 'pennylane-ionq'])(
    'does with every public call of %s what docs/clients.md says',
    async (name) => {
      const made = JSON.parse((await python([`${FOLDER}/calls.py`, name])).trim().split('\n').at(-1) ?? '');
      expect(made).toEqual(documented(name));
    },
    CASE_MAX_MS,
  );

  it(
    'lets qiskit-ionq cancel a job',
    async () => {
      expect(await client('qiskit-cancel')).toMatchObject({
        status: 'CANCELLED',
        raised: expect.stringMatching(/canceled job/),
      });
    },
    CASE_MAX_MS,
  );

  it(
    'tells qiskit-ionq at once that its key is revoked',
    async () => {
      const revoked = await keyNamed('revoked');
      expect((await ada.visitor.post(`/v1/keys/${revoked.id}/revoke`)).status).toBe(200);
      const { status, seconds } = await client('qiskit-revoked', revoked.secret);
      expect(status).toBe(401);
      expect(seconds).toBeLessThan(2);
    },
    CASE_MAX_MS,
  );

  it(
    'gives cirq-ionq 00 and 11 for a Bell pair, and nothing else',
    async () => {
      const { counts } = await client('cirq-single');
      expect(Object.keys(counts).sort()).toEqual(['00', '11']);
    },
    CASE_MAX_MS,
  );

  it(
    'gives cirq-ionq each circuit of a batch its own result',
    async () => {
      const {
        counts: [bell, flipped],
      } = await client('cirq-batch');
      expect(Object.keys(bell).sort()).toEqual(['00', '11']);
      expect(flipped).toEqual({ 11: 1000 });
    },
    CASE_MAX_MS,
  );

  it(
    'lists the jobs for cirq-ionq, and comes to an end',
    async () => {
      const { jobs } = await client('cirq-list');
      expect(jobs.length).toBeGreaterThan(0);
    },
    CASE_MAX_MS,
  );

  it(
    'runs, waits for, reads and lists a job with ionq-core',
    async () => {
      expect(await client('ionq-core')).toEqual({
        status: 'completed',
        probabilities: { 0: 0.5, 3: 0.5 },
        listed: true,
        key: 'clients',
        backends: ['simulator'],
      });
    },
    CASE_MAX_MS,
  );

  it(
    'tells ionq-core and qiskit-ionq how long a job would run and wait',
    async () => {
      const { milliseconds, ...told } = await client('ionq-core-estimate');
      expect(told).toEqual({
        asked: {
          'backend': 'simulator',
          'organization': expect.any(String),
          'project': ada.projectId,
          'type': 'ionq.circuit.v1',
          'qubits': 25,
          'shots': 1000,
          '1q_gates': 30,
          '2q_gates': 30,
          'error_mitigation': false,
        },
        cost: 0,
        unit: 'usd',
        queue: 0,
        rates: 0,
      });
      expect(milliseconds).toBeGreaterThan(5_000);
      expect(await client('qiskit-estimate')).toEqual({
        qubits: 25,
        gates: [30, 30],
        cost: 0,
        milliseconds,
        queue: 0,
        at: true,
      });
    },
    CASE_MAX_MS,
  );

  it(
    'tells qiskit-ionq at once that a job costs too much, and how much',
    async () => {
      expect(await client('qiskit-costly')).toEqual({
        status: 400,
        message: expect.stringMatching(/about \d+ s for this job, and one job may cost 1200 s/),
      });
    },
    CASE_MAX_MS,
  );

  it(
    'gives PennyLane 00 and 11 for a Bell pair, and nothing else',
    async () => {
      const { counts } = await client('pennylane');
      expect(Object.keys(counts).sort()).toEqual(['00', '11']);
    },
    CASE_MAX_MS,
  );

  it.each(examples('docs/clients.md'))(
    'runs the example of docs/clients.md for %s',
    async (_name, program) => {
      expect(await python(['-c', program])).toMatch(/\b(00|0)\b.*\b(11|3)\b|\b(11|3)\b.*\b(00|0)\b/s);
    },
    CASE_MAX_MS,
  );
});

/** What the page says of each call of a client: those that are refused, by what; the others work. */
function documented(client: string): Record<string, string> {
  const [, table = ''] = readFileSync('docs/clients.md', 'utf8').split('## What the clients call\n');
  const rows = [...table.matchAll(/^\| ([\w-]+) \| (works|refused: \w+) \| (.*) \|$/gm)];
  return Object.fromEntries(
    rows.flatMap(([, of = '', outcome = '', calls = '']) =>
      of === client ? [...calls.matchAll(/`([^`]+)`/g)].map(([, call = '']) => [call, outcome] as const) : [],
    ),
  );
}

/** The Python block of each section of a page, with the section's heading. */
function examples(page: string): [name: string, program: string][] {
  const [, ...sections] = readFileSync(page, 'utf8')
    .split(/^## /m)
    .filter((section, n) => n === 0 || section.includes('```python'));
  return sections.map((section) => [
    section.split('\n', 1)[0] ?? '',
    /^```python\n(.*?)^```/ms.exec(section)?.[1] ?? '',
  ]);
}
