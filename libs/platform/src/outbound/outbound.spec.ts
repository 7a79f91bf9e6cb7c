import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeAuthority, makeCertificate } from '#local-servers';
import { Outbound, type OutboundReason, type Resolve } from './outbound.ts';

const PUBLIC = '2a00:1450:4001:82a::200e';
const to =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('requests to addresses that others choose', () => {
  const open: { server?: Server | TlsServer; outbound?: Outbound }[] = [];

  afterEach(async () => {
    for (const { server, outbound } of open.splice(0)) {
      await outbound?.close();
      server?.closeAllConnections();
      server?.close();
    }
  });

  const outboundOf = (options: ConstructorParameters<typeof Outbound>[0]) => {
    const outbound = new Outbound(options);
    open.push({ outbound });
    return outbound;
  };

  /** A server in our own network, which the operator has named. */
  const own = async (listener: RequestListener, timeoutMs = 5_000) => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    open.push({ server });
    await new Promise((done) => server.once('listening', done));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      host,
      url: `http://${host}/`,
      outbound: outboundOf({ privateHosts: `IDP.internal:8443,${host}`, timeoutMs }),
    };
  };

  const refused = (outbound: Outbound, url: string) =>
    outbound.fetch(url).then(
      ({ status }) => `answered ${status}`,
      ({ reason }: { reason: OutboundReason }) => reason,
    );

  it.each([
    ['https://localhost/', 'address'],
    ['https://127.0.0.1/', 'address'],
    ['https://2130706433/', 'address'],
    ['https://0177.0.0.1/', 'address'],
    ['https://0x7f.1/', 'address'],
    ['https://0.0.0.0/', 'address'],
    ['https://10.0.0.1/', 'address'],
    ['https://100.64.0.1/', 'address'],
    ['https://169.254.169.254/latest/meta-data/', 'address'],
    ['https://[::1]/', 'address'],
    ['https://[::]/', 'address'],
    ['https://[::ffff:127.0.0.1]/', 'address'],
    ['https://[::127.0.0.1]/', 'address'],
    ['https://[64:ff9b::7f00:1]/', 'address'],
    ['https://[64:ff9b:1::808:808]/', 'address'],
    ['https://[2002:7f00:1::]/', 'address'],
    ['https://[fd00::1]/', 'address'],
    ['https://[fe80::1]/', 'address'],
    ['https://id.example@127.0.0.1/', 'url'],
    ['https://user:secret@id.example.com/', 'url'],
    ['http://id.example.com/', 'url'],
    ['file:///etc/passwd', 'url'],
    ['data:text/plain,x', 'url'],
    ['not a URL', 'url'],
  ])('go nowhere else than to public hosts by https: %s', async (url, reason) => {
    expect(await refused(outboundOf({}), url)).toBe(reason);
  });

  it.each([
    ['of this machine', ['127.0.0.1']],
    ['of the network', ['192.168.1.5']],
    ['of a cloud', ['169.254.169.254']],
    ['mapped', ['::ffff:10.0.0.1']],
    ['behind NAT64', ['64:ff9b::a00:1']],
    ['one of several', [PUBLIC, '10.0.0.1']],
  ])('go to no name whose address is private: %s', async (_what, addresses) => {
    expect(await refused(outboundOf({ resolve: to(...addresses) }), 'https://id.example.com/')).toBe('address');
  });

  it('connect to the address that was judged, whatever the name means when it is asked again', async () => {
    const asked: string[] = [];
    const { host } = await own((_request, response) => response.end());
    const outbound = outboundOf({
      timeoutMs: 500,
      resolve: async (hostname) => {
        asked.push(hostname);
        return to(asked.length === 1 ? PUBLIC : '127.0.0.1')(hostname);
      },
    });
    expect(['unreachable', 'too-slow']).toContain(
      await refused(outbound, `https://id.example.com:${host.split(':')[1]}/`),
    );
    expect(asked).toEqual(['id.example.com']);
  });

  it('reach a private host that the operator has named, and no other port of it', async () => {
    const { url, outbound } = await own((_request, response) => response.end('here'));
    expect(await outbound.getText(url)).toBe('here');
    expect(outbound.judge('http://idp.internal:8443/').port).toBe('8443');
    expect(await refused(outbound, 'http://127.0.0.1:1/')).toBe('url');
    expect(await refused(outbound, 'https://127.0.0.1:1/')).toBe('address');
  });

  it('know a private host by the port that its scheme has', () => {
    const outbound = outboundOf({ privateHosts: '10.0.0.1:443,10.0.0.1:80,[::1]:8443' });
    for (const url of ['https://10.0.0.1/', 'http://10.0.0.1/', 'http://[::1]:8443/'])
      expect(outbound.judge(url).href).toBe(url);
    for (const url of ['https://10.0.0.1:80/x', 'http://10.0.0.1:443/x']) expect(outbound.judge(url).href).toBe(url);
    expect(() => outbound.judge('https://[::1]/')).toThrow('SSO_PRIVATE_HOSTS');
  });

  it('answer as the other side does, and end when their caller wishes', async () => {
    const { url, outbound } = await own((_request, response) =>
      response.writeHead(404, { 'x-said': 'this' }).end('gone'),
    );
    const answer = await outbound.fetch(url);
    expect([answer.status, answer.headers.get('x-said'), await answer.text()]).toEqual([404, 'this', 'gone']);
    await expect(outbound.fetch(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ reason: 'unreachable' });
  });

  it('believe no host by a certificate that nobody vouches for', async () => {
    const { cert, key } = await makeCertificate(await makeAuthority(), ['127.0.0.1']);
    const server = createTlsServer({ cert, key }, (_request, response) => response.end('here')).listen(0, '127.0.0.1');
    open.push({ server });
    await new Promise((done) => server.once('listening', done));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(outboundOf({ privateHosts: host }).fetch(`https://${host}/`)).rejects.toThrow(
      /^127\.0\.0\.1:\d+ cannot be reached: .* \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)$/,
    );
  });

  it('take a redirect for an answer, and for no text', async () => {
    const seen: (string | undefined)[] = [];
    const { url, outbound } = await own(({ url: path }, response) => {
      seen.push(path);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await outbound.fetch(url)).status).toBe(302);
    await expect(outbound.getText(url)).rejects.toMatchObject({ reason: 'status' });
    expect(seen).toEqual(['/', '/']);
  });

  it('read no more than a megabyte, and end the connection', async () => {
    let closed: Promise<unknown> | undefined;
    const { url, outbound } = await own((_request, response) => {
      closed = new Promise((done) => response.once('close', done));
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    expect(await refused(outbound, url)).toBe('too-large');
    await closed;
  });

  it.each([
    ['nothing', () => undefined],
    ['a body that does not end', (response: { write(text: string): unknown }) => response.write('and so on')],
  ])('wait no longer than they may for %s', async (_what, answer) => {
    const { url, outbound } = await own((_request, response) => void answer(response), 100);
    expect(await refused(outbound, url)).toBe('too-slow');
  });

  it('say of an address that fails its host alone', async () => {
    await expect(outboundOf({}).fetch('https://127.0.0.1/?token=secret')).rejects.toThrow(
      /^127\.0\.0\.1 is not asked: it leads .* as host:port$/,
    );
  });
});
