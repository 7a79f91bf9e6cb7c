import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, Product, type SignedUp } from '#testing';

const MIB = 2 ** 20;

/** A disk of a test's own, in memory. Only root may mount one: elsewhere the test says that it cannot run. */
const folder = mkdtempSync(join(tmpdir(), 'rollcall-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=420m,mode=0711', 'tmpfs', folder]).status === 0;
if (!mounted) console.warn('A full disk was not tried: mounting one takes root.');

(mounted ? describe : describe.skip)('a disk that is full', () => {
  let product: Product;
  let ada: SignedUp;
  const filler = join(folder, 'filler');

  beforeAll(async () => {
    mkdirSync(join(folder, 'data'), { mode: 0o711 });
    product = await Product.start({ ROLLCALL_DATA: join(folder, 'data') });
    ada = await product.signUp('ada@example.com');
  });
  afterAll(async () => {
    await product.dispose();
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  const rename = (name: string) =>
    ada.visitor.put('/v1/account/name', { name }).catch(() => ({ status: 599, headers: new Headers(), body: {} }));

  it('refuses what cannot be kept, keeps what was acknowledged, and goes on by itself when there is room', async () => {
    fill(filler);
    let acknowledged = 'Ada';
    const answers = new Set<number>();
    // Names long enough to need new blocks of the write-ahead log and of the tables.
    for (let n = 0; n < 3_000 && !answers.has(503); n++) {
      const name = `Ada ${n} ${'x'.repeat(60)}`;
      const { status } = await rename(name);
      answers.add(status);
      if (status === 200) acknowledged = name;
    }
    expect([...answers].filter((status) => status !== 200)).toEqual([503]);
    rmSync(filler);
    const { body } = await eventually(
      () => ada.visitor.get('/v1/account').catch(() => ({ status: 599, headers: new Headers(), body: {} })),
      ({ status }) => status === 200,
      60_000,
    );
    expect(body.name).toBe(acknowledged);
    await eventually(
      () => rename('Ada again'),
      ({ status }) => status === 200,
      60_000,
    );
  });
});

/** Writes until nothing more fits. */
function fill(file: string) {
  const out = openSync(file, 'w');
  const chunk = Buffer.alloc(MIB);
  try {
    for (;;) writeSync(out, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(out);
  }
}
