import { type SignedUp, tokenIn, type Visitor } from '#testing';
import type { ConsoleInBrowser } from './console.fixture.ts';

/** Names that break pages: long without a blank, right to left, emoji. */
export const HARD_NAMES = ['W'.repeat(100), 'مشروع الكيمياء', '🎉🧪 Chemistry'] as const;
const CIRCUIT = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  input: {
    qubits: 2,
    circuit: [
      { gate: 'h', target: 0 },
      { gate: 'cnot', control: 0, target: 1 },
    ],
  },
};

export interface Acme {
  readonly ada: SignedUp;
  readonly bob: Visitor;
  readonly bobId: string;
  readonly keyId: string;
  readonly jobIds: readonly string[];
}

/** Ada's organization, with Bob in it, projects, keys, jobs, and invitations that wait. */
export async function acme(it_: ConsoleInBrowser): Promise<Acme> {
  const { product } = it_;
  const ada = await product.signUp('ada@example.com', 'Ada Lovelace');
  const { visitor, organizationId, projectId } = ada;
  const at = `/v1/organizations/${organizationId}`;
  const made = async (answer: ReturnType<Visitor['post']>) => {
    const { status, body } = await answer;
    if (status > 299) throw new Error(`not made: ${JSON.stringify(body)}`);
    return body;
  };
  await made(visitor.put(`${at}/name`, { name: 'Acme' }));
  for (const name of HARD_NAMES) await made(visitor.post(`${at}/projects`, { name }));
  const bob = await member(it_, ada, 'bob@example.com', 'Bob بوب 🎉');
  const bobId = (await bob.get('/v1/account')).body.id as string;
  await made(bob.post('/v1/keys', { name: 'laptop', projectId }));
  await made(visitor.post(`${at}/invitations`, { email: `${'c'.repeat(60)}@example.com`, projectIds: [projectId] }));
  const { key, secret } = await made(visitor.post('/v1/keys', { name: 'mill', projectId }));
  const keyed = { authorization: `apiKey ${secret as string}` };
  const jobIds: string[] = [];
  for (const name of ['Bell pair', HARD_NAMES[0], HARD_NAMES[1]])
    jobIds.push((await made(product.visitor().post('/v0.4/jobs', { ...CIRCUIT, name }, keyed))).id as string);
  return { ada, bob, bobId, keyId: key.id as string, jobIds };
}

/** Somebody who was invited, and has joined. */
export async function member(it_: ConsoleInBrowser, by: SignedUp, email: string, name: string): Promise<Visitor> {
  const { product } = it_;
  await by.visitor.post(`/v1/organizations/${by.organizationId}/invitations`, { email, projectIds: [by.projectId] });
  const visitor = product.visitor();
  const token = tokenIn(await product.mail(email, /invit/i));
  const { status, body } = await visitor.post('/v1/invitations/accept', {
    token,
    name,
    password: 'a quiet river at night',
  });
  if (status > 299) throw new Error(`not joined: ${JSON.stringify(body)}`);
  return visitor;
}
