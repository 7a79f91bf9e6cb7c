import { SERVICES } from '#contracts';
import { freePort } from '#testing';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { type GatewayHarness, gatewayHarness } from '../gateway.fixture.ts';

const BEHIND = SERVICES.filter((name) => name !== 'gateway');

describe('whether the gateway is ready', () => {
  const healths = new Map<string, { health: HealthImplementation; server: Server }>();
  let gateway: GatewayHarness;
  beforeAll(async () => {
    const peers: Record<string, string> = {};
    for (const name of BEHIND) {
      const [health, server] = [new HealthImplementation({ '': 'SERVING' }), new Server()];
      health.addToServer(server);
      const address = (peers[name] = `127.0.0.1:${await freePort()}`);
      await new Promise<void>((bound, failed) => {
        server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
          if (error) failed(error);
          else bound();
        });
      });
      healths.set(name, { health, server });
    }
    gateway = await gatewayHarness({}, { peers });
  });
  afterAll(async () => {
    await gateway.stop();
    for (const { server } of healths.values()) server.forceShutdown();
  });

  const ready = () => gateway.ask('GET', '/readyz');
  const say = (name: string, status: 'SERVING' | 'NOT_SERVING') => healths.get(name)?.health.setStatus('', status);

  it('is told by every service behind it', async () => {
    expect(await ready()).toMatchObject({
      status: 200,
      json: { status: 'ready', services: Object.fromEntries(BEHIND.map((name) => [name, 'ready'])) },
    });
    expect((await ready()).json).not.toHaveProperty('reasons');
  });

  it.each(BEHIND)('is denied while %s says that it is not, and says whose page tells why', async (name) => {
    say(name, 'NOT_SERVING');
    expect(await ready()).toMatchObject({
      status: 503,
      json: {
        status: 'not ready',
        services: { [name]: 'not ready' },
        reasons: { [name]: 'says that it is not ready; its own /readyz tells why' },
      },
    });
    say(name, 'SERVING');
    expect((await ready()).status).toBe(200);
  });

  it('is denied while one does not answer, in time for who asks', async () => {
    healths.get('mailer')?.server.forceShutdown();
    const began = performance.now();
    expect(await ready()).toMatchObject({ status: 503, json: { reasons: { mailer: 'does not answer' } } });
    expect(performance.now() - began).toBeLessThan(5_000);
    // It is about the services behind: the process itself lives.
    expect((await gateway.ask('GET', '/livez')).status).toBe(200);
  });
});
