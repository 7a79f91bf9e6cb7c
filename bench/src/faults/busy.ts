import { type ChildProcess, spawn } from 'node:child_process';
import { Product } from '#testing';

const IN_FLIGHT = 8;
const BURNERS = 8;

/**
 * Commands and reads of eight people at once on a machine that is loaded eightfold: whether anybody is told that a
 * service is away or busy. A database that is slow is not away.
 */
export async function busy({ requests }: { readonly requests: number }): Promise<boolean> {
  const product = await Product.start({ LOG_LEVEL: 'warn' }, { script: 'start:services' });
  const burners: ChildProcess[] = [];
  const wrong = new Map<string, number>();
  let held = false;
  try {
    const people = await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => product.signUp(`busy-${n}@example.com`)));
    for (let n = 0; n < BURNERS; n++) burners.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    let next = 0;
    let slowest = 0;
    const began = performance.now();
    await Promise.all(people.map(async ({ visitor }) => {
      for (let n = next++; n < requests; n = next++) {
        const at = performance.now();
        const answer = n % 4 === 0 ? await visitor.put('/v1/account/name', { name: `Ada ${n}` }) : await visitor.get('/v1/account');
        slowest = Math.max(slowest, performance.now() - at);
        const { code = '', detail = '' } = answer.body as { code?: string; detail?: string };
        const what = `${n % 4 === 0 ? 'PUT' : 'GET'} ${answer.status} ${code}: ${detail}`;
        if (answer.status >= 400) wrong.set(what, (wrong.get(what) ?? 0) + 1);
      }
    }));
    for (const [what, count] of wrong) console.log(`  ${count} times ${what}`);
    held = wrong.size === 0;
    console.log(`faults busy: ${requests} requests, ${IN_FLIGHT} in flight beside a load of ${BURNERS}, ${Math.round(requests / (performance.now() - began) * 1_000)} a second, slowest ${Math.round(slowest)} ms, refused ${[...wrong.values()].reduce((sum, count) => sum + count, 0)}`);
    return held;
  } finally {
    for (const burner of burners) burner.kill('SIGKILL');
    await (held ? product.dispose() : product.end());
    if (!held) console.error(`It did not hold. Data and logs are kept in ${product.dataFolder}`);
  }
}
