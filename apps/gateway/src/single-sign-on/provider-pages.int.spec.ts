import { randomUUID } from 'node:crypto';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('what an identity provider posts and asks', () => {
  const ended: string[] = [];
  let gateway: GatewayHarness;
  beforeAll(async () => {
    gateway = await gatewayHarness({
      identity: {
        SingleSignOn: {
          getMetadata: async ({ origin }) => ({ xml: `<EntityDescriptor entityID="${origin}"/>` }),
          endByProvider: async ({ logoutToken }) => {
            ended.push(logoutToken);
            return { ended: 1 };
          },
        },
      },
    });
  });
  afterAll(() => gateway.stop());

  /** As a browser that comes from the provider's page, or as the provider itself: without a header or cookie of ours. */
  const post = (path: string, form: string, type = FORM) =>
    gateway.ask('POST', path, { headers: { 'rollcall-client': '', 'content-type': type }, body: Buffer.from(form) });
  const id = randomUUID();

  it.each([
    ['no response', 'RelayState=abc'],
    ['a response that is not base64', 'SAMLResponse=%22%3E%3Cscript%3E'],
    ['a state that could end an attribute', 'SAMLResponse=PHNhbWw%2B&RelayState=%22%3E'],
  ])('is refused with %s, and nothing of it is echoed', async (_what, form) => {
    const answer = await post(`/sso/${id}/acs`, form);
    expect(answer).toMatchObject({ status: 400, code: 'request/invalid' });
    expect(answer.text).not.toContain('script');
  });

  it.each(['/acs', '/logout'])('is refused at %s of what is no connection, and where it is no form', async (page) => {
    expect(await post(`/sso/none${page}`, 'SAMLResponse=PHNhbWw%2B')).toMatchObject({
      status: 404,
      code: 'connection/unknown',
    });
    expect(await post(`/sso/${id}${page}`, '{}', 'application/json')).toMatchObject({
      status: 415,
      code: 'request/unsupported-media-type',
    });
  });

  it('ends sessions by its own word, which is handed on as it came', async () => {
    expect(await post(`/sso/${id}/logout`, 'logout_token=a.b.c')).toMatchObject({ status: 200, text: '' });
    expect(ended).toEqual(['a.b.c']);
  });

  it('is answered with our metadata', async () => {
    const { status, text, headers } = await gateway.ask('GET', `/sso/${id}/metadata`, {
      headers: { 'rollcall-client': '' },
    });
    expect([status, text]).toEqual([200, '<EntityDescriptor entityID="https://id.example.com"/>']);
    expect(headers['content-type']).toMatch(/^application\/samlmetadata\+xml/);
  });
});
