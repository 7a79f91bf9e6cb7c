import { type ChildProcess, spawn } from 'node:child_process';
import { type Answer, Product, type SignedUp } from '#testing';

const IN_FLIGHT = 8;
const BURNERS = 8;

/**
 * Commands and reads, eight in flight, on a machine that is loaded eightfold: whether anybody is told that a service is away or busy.
 * A database that is slow is not away. The first half comes from eight people; the other from one, who changes the same things eight times at once.
 */
export async function busy({ requests }: { readonly requests: number }): Promise<boolean> {
  const product = await Product.start({ LOG_LEVEL: 'warn' }, { script: 'start:services' });
  const burners: ChildProcess[] = [];
  let held = false;
  try {
    const people = await Promise.all(
      Array.from({ length: IN_FLIGHT }, (_, n) => product.signUp(`busy-${n}@example.com`)),
    );
    for (let n = 0; n < BURNERS; n++) burners.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    const [one] = people;
    if (!one) throw new Error('nobody signed up');
    held = await run('eight people', people, requests / 2);
    held =
      (await run(
        'one person',
        people.map(() => one),
        requests / 2,
      )) && held;
    return held;
  } finally {
    for (const burner of burners) burner.kill('SIGKILL');
    await (held ? product.dispose() : product.end());
    if (!held) console.error(`It did not hold. Data and logs are kept in ${product.dataFolder}`);
  }
}

async function run(whose: string, people: readonly SignedUp[], requests: number): Promise<boolean> {
  const refused = new Map<string, number>();
  let [next, slowest, count] = [0, 0, 0];
  const ask = async (what: string, work: () => Promise<Answer>): Promise<Answer> => {
    const at = performance.now();
    const answer = await work();
    count += 1;
    slowest = Math.max(slowest, performance.now() - at);
    const { code = '', detail = '' } = answer.body as { code?: string; detail?: string };
    if (answer.status >= 400)
      refused.set(
        `${what} ${answer.status} ${code}: ${detail}`,
        (refused.get(`${what} ${answer.status} ${code}: ${detail}`) ?? 0) + 1,
      );
    return answer;
  };
  const began = performance.now();
  await Promise.all(
    people.map(async ({ visitor, organizationId, projectId }) => {
      for (let n = next++; count < requests; n = next++) {
        const turn = n % 8;
        if (turn === 0) await ask('PUT account name', () => visitor.put('/v1/account/name', { name: `Ada ${n}` }));
        else if (turn === 1)
          await ask('PUT organization name', () =>
            visitor.put(`/v1/organizations/${organizationId}/name`, { name: `Engines ${n}` }),
          );
        else if (turn === 2)
          await ask('POST rename project', () =>
            visitor.post(`/v1/projects/${projectId}/rename`, { name: `Mill ${n}` }),
          );
        else if (turn === 3) {
          const made = await ask('POST key', () =>
            visitor.post('/v1/keys', { projectId, name: `Key ${n}`, scopes: ['jobs:read'] }),
          );
          if (made.status === 201)
            await ask('POST revoke', () =>
              visitor.post(`/v1/keys/${(made.body as { key: { id: string } }).key.id}/revoke`),
            );
        } else if (turn === 4)
          await ask('POST project', () =>
            visitor.post(`/v1/organizations/${organizationId}/projects`, { name: `Mill ${n}` }),
          );
        else
          await ask('GET', () =>
            visitor.get(
              ['/v1/account', '/v1/keys', `/v1/organizations/${organizationId}/projects`][n % 3] ?? '/v1/account',
            ),
          );
      }
    }),
  );
  for (const [what, times] of refused) console.log(`  ${times} times ${what}`);
  console.log(
    `faults busy, ${whose}: ${count} requests, ${IN_FLIGHT} in flight beside a load of ${BURNERS}, ${Math.round((count / (performance.now() - began)) * 1_000)} a second, slowest ${Math.round(slowest)} ms, refused ${[...refused.values()].reduce((sum, times) => sum + times, 0)}`,
  );
  return refused.size === 0;
}
