import { type AddressInfo, createServer, type Server } from 'node:net';
import { code, context } from '../../apps/identity/src/identity.fixture.ts';
import { type Member, signingOn } from './signing-on.fixture.ts';

/** This machine, its neighbours, and the clouds' metadata service, as they can be written; `:port` is where something listens. */
const INSIDE = [
  'https://127.0.0.1:port/',
  'https://2130706433:port/',
  'https://0177.0.0.1:port/',
  'https://0x7f.1:port/',
  'https://0.0.0.0:port/',
  'https://[::1]:port/',
  'https://[::ffff:127.0.0.1]:port/',
  'https://[64:ff9b::7f00:1]:port/',
  'https://10.0.0.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://id.example@127.0.0.1:port/',
  'http://127.0.0.1:port/',
  'file:///etc/passwd',
];
/** A name is found to be inside when it is connected to. */
const BY_NAME = 'https://localhost:port/';

describe('a connection that an owner points inside', () => {
  let world: Awaited<ReturnType<typeof signingOn>>;
  let inside: Server;
  let connections = 0;
  beforeAll(async () => {
    world = await signingOn();
    inside = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((done) => inside.listen(0, done));
  });
  afterEach(() => expect(connections).toBe(0));
  afterAll(async () => {
    await world.stop();
    await new Promise((done) => inside.close(done));
  });
  const at = (address: string) => address.replace('port', String((inside.address() as AddressInfo).port));

  it.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'])(
    'goes nowhere by its %s',
    async (endpoint) => {
      const { connectionId, owner } = await world.acme();
      for (const address of INSIDE)
        expect([address, await code(tested(connectionId, owner.holder, { [endpoint]: at(address) }))]).toEqual([
          address,
          'sign-in/provider-unavailable',
        ]);
    },
  );

  it('goes nowhere by its issuer', async () => {
    const { callerId, connectionId, owner } = await world.acme();
    for (const address of [...INSIDE, BY_NAME]) {
      const client = { issuer: at(address), clientId: 'rollcall', clientAuthentication: 'client_secret_basic' };
      const put = await code(
        world.of.connections.putOidc({ callerId, connectionId, client, clientSecret: 's' }, context()),
      );
      const came = put === 'done' ? await code(tested(connectionId, owner.holder, {})) : put;
      expect([address, came]).toEqual([address, put === 'done' ? 'sign-in/provider-unavailable' : 'request/invalid']);
    }
  });

  it("goes nowhere by the address of a SAML provider's metadata", async () => {
    const { callerId, connectionId } = await world.acme();
    for (const address of [...INSIDE, BY_NAME]) {
      const put = world.of.connections.putSaml(
        { callerId, connectionId, entityId: '', signInUrl: '', certificates: [], metadataUrl: at(address) },
        context(),
      );
      expect([address, await code(put)]).toEqual([address, expect.stringMatching(/\/(invalid|unavailable)$/)]);
    }
  });

  // The last: what a provider says of itself is believed for ten minutes.
  it('goes nowhere by a name that leads inside', async () => {
    const { connectionId, owner } = await world.acme();
    const [token_endpoint, jwks_uri, userinfo_endpoint] = [at(BY_NAME), at(BY_NAME), at(BY_NAME)];
    expect(await code(tested(connectionId, owner.holder, { token_endpoint, jwks_uri, userinfo_endpoint }))).toBe(
      'sign-in/provider-unavailable',
    );
  });

  /** The owner tests it with a provider that says so of itself. */
  const tested = (connectionId: string, holder: Member['holder'], metadata: Readonly<Record<string, string>>) =>
    world.through(connectionId, { sub: 'owner' }, { purpose: 'test', holder, metadata });
});
