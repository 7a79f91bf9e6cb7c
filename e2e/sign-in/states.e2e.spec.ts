import { randomUUID } from 'node:crypto';
import { ionqRoutes, type Route, routes } from '#contracts';
import { TOTP } from 'otpauth';
import { PASSWORD, Product, tokenIn, type Visitor } from '#testing';

/** How far somebody is signed in. Who is confined has proved it lately; who is stale or proven is asked for no second factor. */
const STATES = ['none', 'half', 'confined', 'stale', 'proven'] as const;
type State = (typeof STATES)[number];
type Outcome =
  | 'let in'
  | 'key/missing'
  | 'session/required'
  | 'sign-in/half-required'
  | 'session/second-factor-required'
  | 'session/proof-required';

const REFUSALS: ReadonlySet<unknown> = new Set<Outcome>([
  'key/missing',
  'session/required',
  'sign-in/half-required',
  'session/second-factor-required',
  'session/proof-required',
]);

/** What a route's own definition wants of its caller. */
function outcome({ access, confined, proof }: Route, state: State): Outcome {
  switch (access) {
    case 'public':
    case 'development':
      return 'let in';
    case 'key':
      return 'key/missing';
    case 'half':
      return state === 'half' ? 'let in' : 'sign-in/half-required';
    case 'session':
    case 'session-or-key':
      if (state === 'none' || state === 'half') return 'session/required';
      if (state === 'confined' && !confined) return 'session/second-factor-required';
      return state === 'stale' && proof ? 'session/proof-required' : 'let in';
  }
}

/** Bodies by which a route whose proof depends on them wants one. */
const WANTS_PROOF: Readonly<Record<string, object>> = {
  changeRole: { role: 'owner' },
  inviteMember: { email: 'friend@example.com', role: 'owner' },
};

const all: [string, Route][] = [...Object.entries(routes), ...Object.entries(ionqRoutes)];

describe('who may ask what', () => {
  let product: Product;
  let visitors: Record<State, Visitor>;
  beforeAll(async () => {
    product = await Product.start();
    const [ada, dan, eve] = [
      await product.signUp('ada@example.com'),
      await product.signUp('dan@example.com'),
      await product.signUp('eve@example.com'),
    ];
    const done = async (answer: ReturnType<Visitor['post']>) => {
      const { status, body } = await answer;
      if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
      return body;
    };
    for (const { visitor } of [ada, eve]) {
      const { id, secret } = await done(visitor.post('/v1/account/authenticators', { name: 'Phone' }));
      const code = new TOTP({ secret: secret as string }).generate();
      await done(visitor.post(`/v1/account/authenticators/${id as string}/confirm`, { code }));
    }
    const at = `/v1/organizations/${ada.organizationId}`;
    const bob = product.visitor();
    await done(ada.visitor.post(`${at}/invitations`, { email: 'bob@example.com' }));
    const token = tokenIn(await product.mail('bob@example.com', /invited/));
    await done(bob.post('/v1/invitations/accept', { token, name: 'Bob', password: PASSWORD }));
    await done(ada.visitor.put(`${at}/second-factor`, { required: true }));
    await product.advance(7 * 86_400 + 60);
    await done(bob.post('/v1/sessions/current/prove', { password: PASSWORD }));
    const [half, proven] = [product.visitor(), product.visitor()];
    await done(half.post('/v1/sessions', { email: 'eve@example.com', password: PASSWORD }));
    await done(proven.post('/v1/sessions', { email: 'dan@example.com', password: PASSWORD }));
    visitors = { none: product.visitor(), half, confined: bob, stale: dan.visitor, proven };
  });
  afterAll(() => product.dispose());

  it('wants a proof of the last minutes for all that would take an account or an organization away', () => {
    expect(all.filter(([, { proof }]) => proof).map(([name]) => name)).toEqual([
      'changePassword',
      'setMultiFactor',
      'beginAuthenticator',
      'confirmAuthenticator',
      'beginPasskey',
      'addPasskey',
      'removeFactor',
      'issueRecoveryCodes',
      'requestAddress',
      'demandSecondFactor',
      'demandIdleTimeout',
      'draftConnection',
      'claimDomain',
      'putOidc',
      'putSaml',
      'putConnectionSettings',
      'enforceConnection',
      'turnConnectionOff',
      'removeConnection',
      'unbindAccount',
      'makeScimToken',
      'revokeScimToken',
      'verifyDomain',
      'releaseDomain',
      'changeRole',
      'inviteMember',
    ]);
  });

  // A parameter that nobody reads is refused once the caller is let in, so that nothing comes of what is asked here.
  const ask = (name: string, { method, path }: Route, visitor: Visitor) => {
    const body = method === 'GET' ? undefined : (WANTS_PROOF[name] ?? {});
    const query = WANTS_PROOF[name] ? '' : '?nobody=reads-this';
    return visitor.send(method, `${path.replaceAll(/:\w+/g, () => randomUUID())}${query}`, body);
  };

  it.each(all)('%s lets in who its definition says, and tells the others what is missing', async (name, route) => {
    for (const state of STATES) {
      const { body } = await ask(name, route, visitors[state]);
      const code: unknown = body.code;
      expect([state, REFUSALS.has(code) ? code : 'let in']).toEqual([state, outcome(route, state)]);
    }
  });

  it('reads no megabyte of whoever may ask without being signed in', async () => {
    const megabyte = JSON.stringify({ email: 'a'.repeat(1_000_000) });
    for (const [name, { access, method, path }] of all.filter(([, route]) => /^(public|half)$/.test(route.access))) {
      if (method === 'GET') continue;
      const visitor = visitors[access === 'half' ? 'half' : 'none'];
      const { status, body } = await visitor.send(
        method,
        path.replaceAll(/:\w+/g, () => randomUUID()),
        megabyte,
      );
      expect([name, status, body.code as unknown]).toEqual([name, 413, 'request/too-large']);
    }
  });

  it('leaves everybody as they were', async () => {
    const at = (state: State, path: string) => visitors[state].get(path).then(({ status }) => status);
    expect(await at('half', '/v1/sessions/half')).toBe(200);
    for (const state of ['confined', 'stale', 'proven'] as const) expect(await at(state, '/v1/account')).toBe(200);
  });
});
