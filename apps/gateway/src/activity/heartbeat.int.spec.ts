import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { inactivity } from '#contracts';
import { makeKeyPair } from '#local-servers';
import { CallerTokens, DevClock, makeLogger, Peers, Problem } from '#platform';
import { freePort, standIn } from '#testing';
import { Activity } from './activity.ts';
import { Heartbeat } from './heartbeat.ts';
import { Journal } from './journal.ts';

const MINUTE_MS = 60_000;
const memory = { leased: true, keys: 3 };

describe('the heartbeat of a gateway', () => {
  let policy: { fails: boolean; beats: inactivity.HeartbeatRequest[]; activities: string[] };
  let peers: Peers;
  let stateFolder: string;
  let clock: DevClock;
  let log: string;
  let end: () => Promise<void>;
  const ends: (() => void)[] = [];
  beforeEach(async () => {
    policy = { fails: false, beats: [], activities: [] };
    const away = () => new Problem('service/unavailable', 'inactivity-policy does not answer.');
    const at = `127.0.0.1:${await freePort()}`;
    end = await standIn(
      'inactivity-policy',
      {
        Inactivity: {
          heartbeat: async (request) => {
            if (policy.fails) throw away();
            policy.beats.push(request);
            return {};
          },
          recordActivity: async ({ activities }) => {
            if (policy.fails) throw away();
            policy.activities.push(...activities.map(({ accountId }) => accountId));
            return {};
          },
        },
      },
      at,
    );
    const { privateKey: callerKey } = makeKeyPair();
    peers = new Peers(
      { peers: { 'inactivity-policy': at } },
      new CallerTokens('gateway', { callerKey, callerKeys: {} }),
    );
    stateFolder = mkdtempSync(join(tmpdir(), 'rollcall-heartbeat-'));
    clock = new DevClock();
    log = '';
  });
  afterEach(async () => {
    for (const silence of ends.splice(0)) silence();
    peers.close();
    await end();
    rmSync(stateFolder, { recursive: true, force: true });
  });

  function gateway(host = '127.0.0.1') {
    const logger = makeLogger('trace', { write: (line: string) => void (log += line) });
    const activity = new Activity(peers, clock, logger);
    const heartbeat = new Heartbeat(activity, peers, clock, logger, memory, {
      stateFolder,
      host,
      port: 8080,
      installationKey: randomBytes(32).toString('base64url'),
    });
    ends.push(() => {
      heartbeat.fallSilent();
    });
    return { activity, heartbeat };
  }
  async function until(holds: () => boolean) {
    for (const deadline = performance.now() + 15_000; !holds(); await new Promise((go) => setTimeout(go, 20)))
      if (performance.now() > deadline) throw new Error('it did not come true in time');
  }
  /** A gateway that was killed here: what it kept, and of which start of the machine. */
  function killed(instance: string, accounts: readonly string[], { boot }: { boot?: string } = {}) {
    const journal = new Journal(stateFolder, instance);
    const [name = ''] = readdirSync(stateFolder).filter((file) => file.startsWith(instance));
    journal.remove();
    const [, , own = ''] = name.split('.');
    const lines = accounts.map((accountId) =>
      JSON.stringify({ accountId, kind: 'api', occurredAt: '2026-01-01T00:00:00.000Z' }),
    );
    // No process has this number: it is above what the system gives.
    writeFileSync(join(stateFolder, `${instance}.99999999.${boot ?? own}`), `${lines.join('\n')}\n`);
  }
  const leftOf = (instance: string) => policy.beats.filter((beat) => beat.leaving && beat.instance === instance).length;

  it('is heard before the first request, and says where the gateway stands', async () => {
    const { heartbeat } = gateway();
    await heartbeat.onApplicationBootstrap();
    expect(policy.beats).toMatchObject([
      {
        instance: heartbeat.instance,
        kept: 0,
        leaving: false,
        standing: { address: '127.0.0.1:8080', leased: true, keys: 3 },
      },
    ]);
  });

  it.each(['0.0.0.0', '::'])(
    'names the machine where the gateway listens on all of its addresses (%s)',
    async (host) => {
      await gateway(host).heartbeat.onApplicationBootstrap();
      expect(policy.beats.map(({ standing }) => standing?.address)).toEqual([`${hostname()}:8080`]);
    },
  );

  it('is heard at once when the clock was moved, up to the instant that it shows', async () => {
    await gateway().heartbeat.onApplicationBootstrap();
    clock.setOffset(MINUTE_MS);
    await until(() => policy.beats.length === 2);
    const [before, after] = policy.beats.map(({ watermark }) => Date.parse(watermark)) as [number, number];
    expect(after - before).toBeGreaterThanOrEqual(MINUTE_MS);
  });

  it('says that records are missing, vouches for nothing after them, and says when they are told', async () => {
    const { activity, heartbeat } = gateway();
    await heartbeat.onApplicationBootstrap();
    policy.fails = true;
    const began = clock.now();
    await activity.record('ada', 'api');
    expect(activity.keptCount).toBe(1);
    policy.fails = false;
    await until(() => policy.activities.length === 1);
    await until(() => policy.beats.length > 1);
    expect(policy.activities).toEqual(['ada']);
    expect(policy.beats.at(-1)).toMatchObject({ kept: 0 });
    expect(Date.parse(policy.beats.at(-1)?.watermark ?? '')).toBeGreaterThanOrEqual(began.getTime());
  });

  it('is said again until it is heard', async () => {
    policy.fails = true;
    await gateway().heartbeat.onApplicationBootstrap();
    expect([policy.beats, log.includes('it is told again')]).toEqual([[], true]);
    policy.fails = false;
    await until(() => policy.beats.length === 1);
  });

  it('says that the gateway leaves, once all is told, and then nothing of it is left behind', async () => {
    const { heartbeat } = gateway();
    await heartbeat.onApplicationBootstrap();
    await heartbeat.onApplicationShutdown();
    expect([leftOf(heartbeat.instance), readdirSync(stateFolder)]).toEqual([1, []]);
  });

  it('does not say so while records are missing: they stay for the next gateway, which tells them and says goodbye', async () => {
    const { activity, heartbeat } = gateway();
    await heartbeat.onApplicationBootstrap();
    policy.fails = true;
    await activity.record('ada', 'api');
    await heartbeat.onApplicationShutdown();
    expect([leftOf(heartbeat.instance), readdirSync(stateFolder).length]).toEqual([0, 1]);
    expect(log).toContain('rollcall inactivity gaps');
    policy.fails = false;
    const next = gateway();
    await next.heartbeat.onApplicationBootstrap();
    expect([policy.activities, leftOf(heartbeat.instance)]).toEqual([['ada'], 1]);
  });

  it('tells for a killed gateway what that had kept, all of it, and that it left', async () => {
    const accounts = Array.from({ length: 1_001 }, (_, i) => `account-${i}`);
    killed('dead', accounts);
    const { heartbeat } = gateway();
    await heartbeat.onApplicationBootstrap();
    expect([policy.activities, leftOf('dead')]).toEqual([accounts, 1]);
    expect(readdirSync(stateFolder).map((name) => name.split('.')[0])).toEqual([heartbeat.instance]);
  });

  it('does not say that a gateway left whose machine has started anew: the end of what it kept may be missing', async () => {
    killed('dead', ['ada'], { boot: 'an-older-start' });
    await gateway().heartbeat.onApplicationBootstrap();
    expect([policy.activities, leftOf('dead'), readdirSync(stateFolder).length]).toEqual([['ada'], 0, 1]);
  });

  it('keeps what a killed gateway had kept until it was heard', async () => {
    killed('dead', ['ada']);
    policy.fails = true;
    await gateway().heartbeat.onApplicationBootstrap();
    expect([log.includes('what a killed gateway kept could not be told'), readdirSync(stateFolder).length]).toEqual([
      true,
      2,
    ]);
    policy.fails = false;
    await until(() => leftOf('dead') === 1);
    expect(policy.activities).toEqual(['ada']);
  });
});
