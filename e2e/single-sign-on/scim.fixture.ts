import { TOTP } from 'otpauth';
import { type Answer, dnsServer, LyingProvider, Product, type SignedUp, Visitor } from '#testing';

interface Claim {
  readonly id: string;
  readonly record: { readonly name: string; readonly value: string };
}

/** What a provider speaks SCIM by: its token, at one of the gateways. */
export interface Speaking {
  readonly token: string;
  readonly origin: string;
}

/** The whole product with two gateways, a DNS server and an OpenID provider; Ada owns the organization, her address lies elsewhere. */
export async function provisioned() {
  const [dns, provider] = [await dnsServer(), await LyingProvider.start()];
  const product = await Product.start(
    { SIGN_UPS_PER_NETWORK_AND_HOUR: '1000', SSO_DNS_SERVERS: dns.address, SSO_PRIVATE_HOSTS: provider.host },
    { script: 'start:services', args: ['--gateways', '2'] },
  );
  const origins = [product.origin, `http://localhost:${product.port + 1}`] as const;
  return {
    dns,
    provider,
    product,
    origins,
    async stop() {
      await product.dispose();
      await provider.close();
      await dns.stop();
    },
  };
}
export type Provisioned = Awaited<ReturnType<typeof provisioned>>;

/** One request of a provider, in its own words. */
export async function scim(
  { token, origin }: Speaking,
  method: string,
  path: string,
  body?: unknown,
  type = 'application/scim+json',
): Promise<Pick<Answer, 'status' | 'headers' | 'body'>> {
  const response = await fetch(`${origin}/scim/v2/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text,
  };
}

/** An owner with a second factor, whose organization has proved a domain and tested a connection. */
export async function companyOf(
  { product, dns, provider }: Provisioned,
  domain: string,
): Promise<{ owner: SignedUp; connectionId: string; domain: string }> {
  const owner = await product.signUp(`owner-of-${domain}@elsewhere.example`);
  const { visitor } = owner;
  const at = `/v1/organizations/${owner.organizationId}`;
  const claim = (await visitor.post(`${at}/domains`, { domain })).body as Claim;
  dns.answers.set(claim.record.name, [claim.record.value]);
  await visitor.post(`/v1/domains/${claim.id}/verify`);
  const { id: connectionId } = (await visitor.post(`${at}/connections`, { name: 'Acme login' })).body as { id: string };
  const { clientId, clientSecret } = LyingProvider.CLIENT;
  await visitor.put(`/v1/connections/${connectionId}/oidc`, { issuer: provider.issuer, clientId, clientSecret });
  await secure(visitor);
  const tested = await through({ product, provider }, visitor, connectionId, {
    sub: 'owner',
    email: `owner@${domain}`,
    purpose: 'test',
  });
  if (tested.status !== 200) throw new Error(`the test failed: ${JSON.stringify(tested.body)}`);
  return { owner, connectionId, domain };
}

/** Sets a second factor up and turns it on. */
async function secure(visitor: Visitor): Promise<void> {
  const begun = await visitor.post('/v1/account/authenticators', { name: 'Phone' });
  const { id, secret } = begun.body as Record<'id' | 'secret', string>;
  const code = new TOTP({ secret }).generate();
  await visitor.post(`/v1/account/authenticators/${id}/confirm`, { code });
  await visitor.put('/v1/account/multi-factor', { enabled: true });
}

/** A sign-in at the provider as this person, through a browser. */
export async function through(
  { provider }: Pick<Provisioned, 'provider' | 'product'>,
  visitor: Visitor,
  connectionId: string,
  { purpose = 'sign-in', ...claims }: { sub: string; email: string; purpose?: string; name?: string },
): Promise<Answer> {
  const started = await visitor.post('/v1/single-sign-on/start', { connectionId, purpose });
  if (started.status !== 200) return started;
  provider.lies = { claims: { email_verified: true, auth_time: Math.floor(Date.now() / 1_000), ...claims } };
  const query = provider.signIn(new URL((started.body as { location: string }).location));
  return visitor.post('/v1/single-sign-on/finish', { connectionId, query });
}

/** What a key hears at a gateway. */
export async function ask(origin: string, secret: string): Promise<{ status: number; code: string }> {
  const response = await fetch(`${origin}/v0.4/whoami`, { headers: { authorization: `apiKey ${secret}` } });
  const { code = '' } = (await response.json()) as { code?: string };
  return { status: response.status, code };
}
