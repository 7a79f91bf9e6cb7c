import { type SignedUp, tokenIn, type Visitor } from '#testing';
import type { Page } from 'playwright-core';
import { type ConsoleInBrowser, findings, overflow } from './console.fixture.ts';

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
  readonly keyId: string;
  readonly secret: string;
  readonly jobIds: readonly string[];
}

interface Made {
  readonly id: string;
  readonly key: { readonly id: string };
  readonly secret: string;
}

/** What was made. @throws where it was refused. */
export async function made(asked: ReturnType<Visitor['post']>): Promise<Made> {
  const { status, body } = (await asked) as { status: number; body: Made };
  if (status > 299) throw new Error(`not made: ${JSON.stringify(body)}`);
  return body;
}

/** Ada's organization, with Bob in it, projects, keys, jobs, and an invitation that waits. */
export async function acme(it_: ConsoleInBrowser): Promise<Acme> {
  const { product } = it_;
  const ada = await product.signUp('ada@example.com', 'Ada Lovelace');
  const { visitor, organizationId, projectId } = ada;
  const at = `/v1/organizations/${organizationId}`;
  await made(visitor.put(`${at}/name`, { name: 'Acme' }));
  for (const name of HARD_NAMES) await made(visitor.post(`${at}/projects`, { name }));
  const bob = await member(it_, ada, 'bob@example.com', 'Bob بوب 🎉');
  await made(bob.post('/v1/keys', { name: 'laptop', projectId }));
  await made(visitor.post(`${at}/invitations`, { email: `${'c'.repeat(60)}@example.com`, projectIds: [projectId] }));
  const { key, secret } = await made(visitor.post('/v1/keys', { name: 'mill', projectId }));
  const jobIds: string[] = [];
  for (const name of ['Bell pair', HARD_NAMES[0], HARD_NAMES[1]]) jobIds.push(await submit(it_, secret, name));
  return { ada, bob, keyId: key.id, secret, jobIds };
}

/** A job that takes minutes: there is time to cancel it. */
export const SLOW = { qubits: 22, circuit: Array.from({ length: 10_000 }, () => ({ gate: 'h', target: 0 })) };

/** A job's id. */
export const submit = async (
  it_: ConsoleInBrowser,
  secret: string,
  name: string,
  input: object = CIRCUIT.input,
): Promise<string> =>
  (
    await made(
      it_.product.visitor().post('/v0.4/jobs', { ...CIRCUIT, name, input }, { authorization: `apiKey ${secret}` }),
    )
  ).id;

/** Somebody who was invited, and has joined. */
export async function member(it_: ConsoleInBrowser, by: SignedUp, email: string, name: string): Promise<Visitor> {
  const { product } = it_;
  const at = `/v1/organizations/${by.organizationId}/invitations`;
  await made(by.visitor.post(at, { email, projectIds: [by.projectId] }));
  const visitor = product.visitor();
  const token = tokenIn(await product.mail(email, /invit/i));
  await made(visitor.post('/v1/invitations/accept', { token, name, password: 'a quiet river at night' }));
  return visitor;
}

/** What is wrong with a page, in light and wide, and in dark and narrow: nothing. Then as it was. */
export async function flaws(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const [colorScheme, width] of [
    ['dark', 360],
    ['light', 1280],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    found.push(...(await findings(page)).map((finding) => `${colorScheme} ${width}: ${finding}`));
    const beyond = await overflow(page);
    if (beyond > 0) found.push(`${colorScheme} ${width}: ${beyond} px beyond the window`);
  }
  return found;
}
