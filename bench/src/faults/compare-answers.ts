import { type AnswerBody, bodyOf } from '../answer-body.ts';
import type { Worker } from './load.ts';

const IN_FLIGHT = 16;

/** What an account finds over HTTP beside what it was told. */
export async function compareAnswers(worker: Worker): Promise<string[]> {
  const { visitor, organizationId } = worker.person;
  const lost: string[] = [];
  const expect = (holds: boolean, what: string) => {
    if (!holds) lost.push(what);
  };
  const account = bodyOf(await visitor.get('/v1/account'));
  expect(worker.names.possible.has(account.name ?? ''), `an account is called "${account.name}"`);
  const projects = await everyProject(worker, organizationId);
  for (const [id, { possible }] of worker.projects)
    expect(
      possible.has(projects.get(id) ?? ''),
      `project ${id} is called "${projects.get(id) ?? 'nothing'}" instead of "${[...possible].join('" or "')}"`,
    );
  await each([...worker.keys], async ([id, status]) => {
    const key = bodyOf(await visitor.get(`/v1/keys/${id}`));
    expect(
      status === 'doubtful' ? ['active', 'revoked'].includes(key.status ?? '') : key.status === status,
      `key ${id} is ${key.status ?? key.code} instead of ${status}`,
    );
  });
  await each(worker.jobs, async (id) => {
    const answer = await visitor.get(`/v0.4/jobs/${id}`, { authorization: `apiKey ${worker.secret}` });
    expect(answer.status === 200 && bodyOf(answer).id === id, `job ${id} is answered with ${answer.status}`);
  });
  return lost;
}

async function everyProject({ person: { visitor } }: Worker, organizationId: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let after: string | null = ''; after !== null;) {
    const page: AnswerBody = bodyOf(
      await visitor.get(
        `/v1/organizations/${organizationId}/projects?limit=100${after === '' ? '' : `&after=${after}`}`,
      ),
    );
    for (const { id, name } of page.items) found.set(id, name);
    after = page.next;
  }
  return found;
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>) {
  const left = [...items];
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
    }),
  );
}
