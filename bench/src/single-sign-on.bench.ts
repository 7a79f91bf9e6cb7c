import { dnsServer, LyingProvider, Product, tokenIn, Visitor } from '#testing';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { processorMs, tree } from './processes.ts';
import type { Run } from './result.ts';
import { median } from './rounds.ts';

const DOMAIN = 'acme.example';
const SIGN_INS = 60;
const TARGET_MS = 5;

/** P18: what a sign-in through a connection costs Rollcall itself: gateway, identity and organization, which run in one process here. */
export const run: Run = async ({ rounds }) => {
  const [dns, provider] = [await dnsServer(), await LyingProvider.start()];
  const product = await Product.start({
    LOG_LEVEL: 'warn',
    SSO_DNS_SERVERS: dns.address,
    SSO_PRIVATE_HOSTS: provider.host,
  });
  try {
    const { connectionId, device } = await enforced(product, provider, (name, value) => dns.answers.set(name, [value]));
    const signIn = async () => {
      const visitor = new Visitor(product.origin, false);
      for (const [name, value] of device) visitor.cookies.set(name, value);
      return (await through(visitor, provider, connectionId, 'ada')).status === 201 ? 0 : 1;
    };
    for (let n = 0; n < SIGN_INS; n++) await signIn();
    const [own, postgres]: number[][] = [[], []];
    let wrong = 0;
    for (let round = 0; round < rounds; round++) {
      const before = spent(product);
      for (let n = 0; n < SIGN_INS; n++) wrong += await signIn();
      const after = spent(product);
      own?.push((after.own - before.own) / SIGN_INS);
      postgres?.push((after.postgres - before.postgres) / SIGN_INS);
    }
    const cryptography = signatureMs();
    const value = Math.round((median(own ?? []) - cryptography) * 100) / 100;
    return {
      setting: `sign-ins through a connection by OpenID Connect (start, the provider's answer, finish), ${SIGN_INS} a round, one at a time, of somebody who is bound, from a browser that is known; the provider runs in the benchmark's process`,
      rows: [
        {
          id: 'P18',
          against: "processor time of Rollcall's process for one, in ms, without its RSA signature",
          value,
          target: `<= ${TARGET_MS}`,
          met: value <= TARGET_MS && wrong === 0,
          wrongAnswers: wrong,
        },
      ],
      note: `RSA-2048, one signature verified: ${cryptography.toFixed(2)} ms; PostgreSQL beside it: ${median(postgres ?? []).toFixed(1)} ms of a sign-in`,
    };
  } finally {
    await product.dispose();
    await provider.close();
    await dns.stop();
  }
};

const spent = ({ pid }: Product) => ({ own: processorMs([pid]), postgres: processorMs(tree(pid).slice(1)) });

/** An owner has let their provider judge, and is bound. Answers the connection, and by what their browser is known again. */
async function enforced(
  product: Product,
  provider: LyingProvider,
  publish: (name: string, value: string) => unknown,
): Promise<{ connectionId: string; device: [string, string][] }> {
  const { visitor } = await product.signUp(`ada@${DOMAIN}`);
  const organization = (await visitor.post('/v1/organizations', { name: 'Acme' })).body as { id: string };
  const at = `/v1/organizations/${organization.id}`;
  const claim = (await visitor.post(`${at}/domains`, { domain: DOMAIN })).body as {
    id: string;
    record: { name: string; value: string };
  };
  publish(claim.record.name, claim.record.value);
  await visitor.post(`/v1/domains/${claim.id}/verify`);
  const { id } = (await visitor.post(`${at}/connections`, { name: 'Login' })).body as { id: string };
  await visitor.put(`/v1/connections/${id}/oidc`, { issuer: provider.issuer, ...LyingProvider.CLIENT });
  await through(visitor, provider, id, 'ada', 'test');
  await visitor.post(`/v1/connections/${id}/enforce`);
  const bound = product.visitor();
  await through(bound, provider, id, 'ada');
  const token = tokenIn(await product.mail(`ada@${DOMAIN}`, /Finish signing in/));
  const answer = await bound.post('/v1/single-sign-on/bind', { token });
  if (answer.status !== 201) throw new Error(`nobody was bound: ${JSON.stringify(answer.body)}`);
  return { connectionId: id, device: [...bound.cookies].filter(([name]) => name.includes('-device')) };
}

async function through(
  visitor: Visitor,
  provider: LyingProvider,
  connectionId: string,
  sub: string,
  purpose = 'sign-in',
) {
  const { location } = (await visitor.post('/v1/single-sign-on/start', { connectionId, purpose })).body as {
    location: string;
  };
  provider.lies = { claims: { sub, email: `${sub}@${DOMAIN}`, email_verified: true } };
  const query = provider.signIn(new URL(location));
  return visitor.post('/v1/single-sign-on/finish', { connectionId, query });
}

/** The least that the protocol's cryptography takes. */
function signatureMs(): number {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const said = Buffer.alloc(800);
  const signature = sign('sha256', said, privateKey);
  const [from, times] = [performance.now(), 200];
  for (let n = 0; n < times; n++) verify('sha256', said, publicKey, signature);
  return (performance.now() - from) / times;
}
