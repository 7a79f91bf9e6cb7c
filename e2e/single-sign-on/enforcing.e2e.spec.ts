import { type DnsServer, dnsServer, LyingProvider, PASSWORD, Product, type SignedUp, tokenIn, Visitor } from '#testing';

const PEOPLE = 50;
/** Whose sign-in goes through the provider. */
const BOUND = 4;
/** How many requests of each person are watched before and after. */
const TURNS = 6;

/** What a request came to, and whether it was sent after the decision was answered. */
interface Seen {
  readonly what: 'session' | 'sign-in';
  readonly status: number;
  readonly after: boolean;
}

describe('enforcing while everybody is at work, through two gateways', () => {
  let dns: DnsServer;
  let provider: LyingProvider;
  let product: Product;
  let origins: string[];
  let ada: SignedUp;
  let people: (SignedUp & { readonly email: string })[];
  let connectionId: string;
  const domain = 'acme.example';

  beforeAll(async () => {
    [dns, provider] = [await dnsServer(), await LyingProvider.start()];
    product = await Product.start(
      { SIGN_UPS_PER_NETWORK_AND_HOUR: '1000', SSO_DNS_SERVERS: dns.address, SSO_PRIVATE_HOSTS: provider.host },
      { script: 'start:services', args: ['--gateways', '2'] },
    );
    origins = [product.origin, `http://localhost:${product.port + 1}`];
    ada = await product.signUp(`ada@${domain}`);
    const { visitor } = ada;
    const { body: organization } = await visitor.post('/v1/organizations', { name: 'Acme' });
    const at = `/v1/organizations/${organization.id as string}`;
    people = [];
    for (let n = 0; n < PEOPLE; n++) {
      const email = `person-${n}@${domain}`;
      const person = { ...(await product.signUp(email)), email };
      await visitor.post(`${at}/invitations`, { email });
      const token = tokenIn(await product.mail(email, /invited/));
      await person.visitor.post('/v1/invitations/accept', { token });
      people.push(person);
    }
    const { body: claim } = await visitor.post(`${at}/domains`, { domain });
    dns.answers.set(claim.record.name, [claim.record.value]);
    await visitor.post(`/v1/domains/${claim.id as string}/verify`);
    const { body: draft } = await visitor.post(`${at}/connections`, { name: 'Login' });
    connectionId = draft.id as string;
    await visitor.put(`/v1/connections/${connectionId}/oidc`, { issuer: provider.issuer, ...LyingProvider.CLIENT });
  });
  afterAll(async () => {
    await product.dispose();
    await provider.close();
    await dns.stop();
  });

  async function through(visitor: Visitor, claims: Record<string, unknown>, asked: Record<string, string>) {
    const { body } = await visitor.post('/v1/single-sign-on/start', { connectionId, ...asked });
    provider.lies = { claims: { email_verified: true, ...claims } };
    const query = provider.signIn(new URL(body.location as string));
    return visitor.post('/v1/single-sign-on/finish', { connectionId, query });
  }

  /** Everybody works on both gateways, and signs in anew, until so many requests of each were sent after the decision was answered. */
  async function watched(sessions: readonly Visitor[], decide: () => Promise<{ body: { enforced: boolean } }>) {
    const seen: Seen[] = [];
    let isDecided = false;
    let hasBegun = (): void => undefined;
    const firstTurns = new Promise<void>((begun) => (hasBegun = begun));
    const once = async (what: Seen['what'], origin: string, session: Visitor, n: number) => {
      const after = isDecided;
      const visitor = new Visitor(origin, false);
      for (const [name, value] of session.cookies) visitor.cookies.set(name, value);
      const { email } = people[n] ?? { email: '' };
      const { status } =
        what === 'session'
          ? await visitor.get('/v1/account')
          : await new Visitor(origin, false).post('/v1/sessions', { email, password: PASSWORD });
      if (seen.push({ what, status, after }) >= 2 * sessions.length) hasBegun();
      return after;
    };
    const working = sessions.map(async (session, n) => {
      for (let turn = 0, left = TURNS; left > 0; turn++) {
        const origin = origins[(n + turn) % 2] ?? '';
        if (await once(turn % 3 === 2 ? 'sign-in' : 'session', origin, session, n)) left--;
      }
    });
    // Everybody is at it before it is decided.
    await Promise.race([firstTurns, Promise.all(working)]);
    const { body } = await decide();
    isDecided = true;
    await Promise.all(working);
    expect(body.enforced).toBe(true);
    const statuses = (what: Seen['what'], after: boolean) =>
      new Set(seen.filter((each) => each.what === what && each.after === after).map(({ status }) => status));
    return { statuses, after: seen.filter((each) => each.after).length };
  }

  it('accepts no session by password and no password from the answer on', async () => {
    expect(await through(ada.visitor, { sub: 'ada', email: `ada@${domain}` }, { purpose: 'test' })).toMatchObject({
      status: 200,
    });
    const { statuses, after } = await watched(
      people.map(({ visitor }) => visitor),
      () => ada.visitor.post(`/v1/connections/${connectionId}/enforce`),
    );
    expect(after).toBe(PEOPLE * TURNS);
    expect(statuses('session', false)).toContain(200);
    expect(statuses('session', true)).toEqual(new Set([401]));
    // Passwords wait their turn to be compared: of fifty at once some hear that it is too much, none that it is right.
    expect([...statuses('sign-in', true)].filter((status) => ![409, 429, 503].includes(status))).toEqual([]);
  });

  it('accepts no session by the provider once it is turned off', async () => {
    const visitors: Visitor[] = [];
    const owner = await bound(`ada@${domain}`);
    for (const { email } of people.slice(0, BOUND)) visitors.push(await bound(email));
    const { statuses, after } = await watched(visitors, () => owner.post(`/v1/connections/${connectionId}/turn-off`));
    expect(after).toBe(BOUND * TURNS);
    expect(statuses('session', false)).toContain(200);
    expect(statuses('session', true)).toEqual(new Set([401]));
    expect(statuses('sign-in', true)).not.toContain(201);
  });

  async function bound(email: string): Promise<Visitor> {
    const visitor = product.visitor();
    expect((await through(visitor, { sub: email, email }, {})).body).toMatchObject({ next: 'mail' });
    const token = tokenIn(await product.mail(email, /Finish signing in/));
    expect((await visitor.post('/v1/single-sign-on/bind', { token })).status).toBe(201);
    return visitor;
  }
});
