import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually, Product } from '#testing';

const run = promisify(execFile);
const FOLDER = 'tools/schemathesis';
const INSTALL_MAX_MS = 600_000;
const RUN_MAX_MS = 180_000;
const SEED = 20_261_129;
/** They end what the others are asked with: the session, and by years of the clock also the key. */
const LAST = ['endSession', 'advanceClock'];

/** A stranger's tester, which knows the product by its document alone. */
describe('Schemathesis', () => {
  let product: Product;
  let given: NodeJS.ProcessEnv;

  beforeAll(async () => {
    await run('tools/venv.sh', [FOLDER]);
    product = await Product.start();
    const ada = await product.signUp('ada@example.com');
    // The key is another's: it tries ids that lists have shown, and would revoke the key of its own session.
    const bob = await product.signUp('bob@example.com', 'Bob');
    const { body } = await eventually(
      () => bob.visitor.post('/v1/keys', { name: 'tried', projectId: bob.projectId, scopes: ['*'] }),
      ({ status }) => status === 201,
    );
    given = {
      SESSION: ada.visitor.cookies.get(`rollcall-${product.port}`),
      KEY: body.secret as string,
      ORGANIZATION: ada.organizationId,
    };
  }, INSTALL_MAX_MS);
  afterAll(() => product.dispose(), 30_000);

  it.each([
    ['all that can be asked', LAST.map((id) => `--exclude-operation-id=${id}`)],
    ['at last what ends a session', LAST.map((id) => `--include-operation-id=${id}`)],
  ])(
    'meets no answer that the document does not describe, asking %s',
    async (_what, which) => {
      const said = await run(
        `${FOLDER}/.venv/bin/schemathesis`,
        [
          `--config-file=${FOLDER}/schemathesis.toml`,
          'run',
          `${product.origin}/openapi.json`,
          `--seed=${SEED}`,
          ...which,
        ],
        { env: { ...process.env, ...given }, timeout: RUN_MAX_MS, maxBuffer: 16 * 2 ** 20 },
      ).catch((failed: unknown) => failed as { stdout: string; stderr: string; code: number });
      expect(said.stdout).toContain(`Seed: ${SEED}`);
      expect('code' in said ? said.stdout + said.stderr : '').toBe('');
    },
    RUN_MAX_MS + 10_000,
  );
});
