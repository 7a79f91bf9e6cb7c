import type { SignedUp } from '#testing';
import type { Page } from 'playwright-core';
import type { ConsoleInBrowser, Look } from './console.fixture.ts';

const DAY = 86_400;
const BELL = {
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  name: 'Bell pair',
  input: {
    gateset: 'qis',
    qubits: 2,
    circuit: [
      { gate: 'h', target: 0 },
      { gate: 'cnot', control: 0, target: 1 },
    ],
  },
};

/** A page as it is pictured: what is opened, and what is there when it is whole. */
export interface Picture {
  readonly name: string;
  readonly path: string;
  readonly shown: string;
  /** Nobody is signed in. */
  readonly isOutside?: true;
}

/** An organization at work, in each of whose pages there is something to see; the pages, in the order of the menu. */
export async function peopled({
  product,
}: Pick<ConsoleInBrowser, 'product'>): Promise<{ ada: SignedUp; pages: readonly Picture[] }> {
  const ada = await product.signUp('ada@example.com', 'Ada Lovelace');
  const { visitor, organizationId, projectId } = ada;
  const key = async (name: string, expiresInDays?: number) => {
    const expiresAt = new Date(Date.now() + (expiresInDays ?? 0) * DAY * 1000).toISOString();
    const body = { name, projectId, ...(expiresInDays === undefined ? {} : { expiresAt }) };
    return (await visitor.post('/v1/keys', body)).body as { key: { id: string }; secret: string };
  };
  const [laptop] = [await key('laptop'), await key('vqe-sweeps', 5), await key('ci-nightly', 90)];
  const old = await key('old-laptop');
  const submit = async () => {
    const answer = await product.visitor().post('/v0.4/jobs', BELL, { authorization: `apiKey ${laptop.secret}` });
    return (answer.body as { id: string }).id;
  };
  const job = await submit();
  await visitor.post(`/v1/keys/${old.key.id}/revoke`, { reason: 'replaced by another machine' });
  await visitor.post(`/v1/organizations/${organizationId}/invitations`, { email: 'grace@example.com' });
  const inside = (name: string, path: string, shown: string): Picture => ({ name, path, shown });
  return {
    ada,
    pages: [
      { name: 'home', path: '/', shown: 'Sign in', isOutside: true },
      { name: 'sign-up', path: '/sign-up', shown: 'E-mail', isOutside: true },
      { name: 'sign-in', path: '/sign-in', shown: 'E-mail', isOutside: true },
      { name: 'forgot', path: '/forgot', shown: 'E-mail', isOutside: true },
      { name: 'suspended', path: '/suspended', shown: 'Bring my account back', isOutside: true },
      { name: 'help-account', path: '/help/account', shown: 'Inactivity', isOutside: true },
      { name: 'help-api-keys', path: '/help/api-keys', shown: 'Rotate', isOutside: true },
      inside('keys', '/keys?status=all', 'old-laptop'),
      inside('create-key', '/keys?create=true', 'A key never changes its project.'),
      inside('key', `/keys/${laptop.key.id}`, 'About'),
      inside('jobs', '/jobs', 'Bell pair'),
      inside('job', `/jobs/${job}`, 'About'),
      inside('projects', '/projects', 'First project'),
      inside('project', `/projects/${projectId}`, 'People'),
      inside('members', '/organization/members', 'ada@example.com'),
      inside('invitations', '/organization/invitations', 'grace@example.com'),
      inside('single-sign-on', '/organization/single-sign-on', 'Single sign-on'),
      inside('domains', '/organization/domains', 'Domains'),
      inside('policy', '/organization/policy', 'Policy'),
      inside('activity', '/organization/activity', 'laptop'),
      inside('settings', '/settings', 'Session time-out'),
    ],
  };
}

/** The looks that every page is pictured in. */
export const LOOKS: readonly (Look & { readonly name: string })[] = (['light', 'dark'] as const).flatMap((theme) =>
  ([1280, 360] as const).map((width) => ({ name: `${theme}-${width}`, theme, width })),
);

/** A page, whole and at rest. */
export async function pictured(it: ConsoleInBrowser, ada: SignedUp, picture: Picture, look: Look): Promise<Page> {
  const page = await it.open(picture.path, picture.isOutside ? undefined : ada, look);
  await page.getByText(picture.shown).filter({ visible: true }).first().waitFor();
  await page.evaluate('document.fonts.ready');
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  return page;
}
