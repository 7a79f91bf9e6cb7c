import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallerTokens, makeLogger, Peers } from '#platform';
import { serviceHarness, type ServiceHarness, TcpProxy } from '#testing';
import { v7 as uuid } from 'uuid';
import { Activity } from '../../apps/gateway/src/activity/activity.ts';
import { Heartbeat } from '../../apps/gateway/src/activity/heartbeat.ts';
import { noteSilent, SILENT_MS } from '../../apps/inactivity-policy/src/gateways/gateways.ts';
import { inactivityPolicy } from '../../apps/inactivity-policy/src/inactivity-policy.module.ts';

const DAY = 86_400;
/** Far less than the write itself is waited for, and enough for a machine that is at work: its budget of 50 ms is for the benchmark. */
const SOON_MS = 2_000;
const context = () => ({ correlationId: uuid(), actor: 'operator:ada' });

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (
    const deadline = performance.now() + 20_000;
    performance.now() < deadline;
    await new Promise((later) => setTimeout(later, 30))
  ) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error('it did not happen within 20 s');
}

describe('use as activity, across gateways', () => {
  let harness: ServiceHarness;
  /** Up to when identity has published its sign-ins; up to now where it is undefined. */
  let published: string | undefined;
  const ends: (() => unknown)[] = [];

  beforeEach(async () => {
    published = undefined;
    harness = await serviceHarness([{ service: inactivityPolicy }], {
      identity: {
        History: {
          readStream: async () => ({ facts: [] }),
          publishedUpTo: async () => ({ upTo: published ?? harness.clock.now().toISOString() }),
        },
      },
    });
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await harness.stop();
  });

  /** The part of a gateway process that tells of use, on a wire of its own. Killed, it says nothing any more. */
  async function gateway(stateFolder?: string) {
    const wire = await TcpProxy.to(harness.address('inactivity-policy'));
    const peers = new Peers(
      { peers: { 'inactivity-policy': `127.0.0.1:${wire.port}` }, callerKeys: {} } as never,
      new CallerTokens('gateway', { callerKey: harness.callerKey('gateway'), callerKeys: {} }),
    );
    const activity = new Activity(peers, harness.clock, makeLogger('silent'));
    const heartbeat = new Heartbeat(
      activity,
      peers,
      harness.clock,
      makeLogger('silent'),
      { leased: true, keys: 7 },
      { stateFolder, host: '0.0.0.0', port: 8080, installationKey: Buffer.alloc(32).toString('base64url') },
    );
    const kill = () => {
      heartbeat.fallSilent();
      peers.close();
      return wire.cut();
    };
    ends.push(kill);
    await heartbeat.onApplicationBootstrap();
    return {
      wire,
      kill,
      instance: heartbeat.instance,
      leave: () => heartbeat.onApplicationShutdown(),
      record: (accountId: string) => activity.record(accountId, 'api'),
    };
  }

  const rows = async <R extends object>(text: string) =>
    (await harness.database('inactivity-policy').pool.query<R>(text)).rows;
  const gateways = () =>
    rows<{ instance: string; watermark: Date; kept: number; left_at: Date | null }>(
      'SELECT instance, watermark, kept, left_at FROM gateways ORDER BY instance',
    );
  const theGateway = () => until(async () => (await gateways())[0]);
  const recorded = async (accountId: string) =>
    (await rows(`SELECT FROM activity WHERE account_id = '${accountId}'`)).length === 1;
  const events = async (type: string, accountId: string) =>
    rows<{ data: { watermark: string; suspendAt: string; messageId: string } }>(
      `SELECT data FROM events WHERE type = '${type}' AND stream_id = 'dormancy-${accountId}'`,
    );
  const gaps = async () =>
    (await harness.peer('operator:ada').of('inactivity-policy', 'Inactivity').listGaps({}, context())).gaps;
  const closeGap = (instance: string, reason = 'the machine had no traffic') =>
    harness
      .peer('operator:ada')
      .of('inactivity-policy', 'Inactivity')
      .closeGap({ instance, reason, apply: true }, context());
  const advance = (seconds: number) =>
    harness.peer('gateway').of('inactivity-policy', 'DevClock').advanceClock({ seconds }, context());
  /** The service has listened for 5 minutes, and nothing was heard of those whose heartbeat is gone. */
  async function fiveMinutesLater(...silent: readonly string[]) {
    await harness
      .database('inactivity-policy')
      .pool.query("UPDATE gateways SET heard_at = heard_at - interval '5 minutes 1 second' WHERE instance = ANY($1)", [
        silent,
      ]);
    return noteSilent(harness.database('inactivity-policy').pool, SILENT_MS);
  }

  async function registered(): Promise<string> {
    const accountId = uuid();
    await harness.tell(
      {
        name: 'AccountRegistered.v1',
        data: { accountId, organizationId: uuid(), projectId: uuid(), registeredAt: harness.clock.now().toISOString() },
      },
      `account-${accountId}`,
    );
    await until(async () => (await rows(`SELECT FROM deadlines WHERE account_id = '${accountId}'`)).length === 1);
    return accountId;
  }
  const warned = (accountId: string) => until(async () => (await events('InactivityWarningIssued', accountId))[0]);
  async function noticed(accountId: string) {
    const {
      data: { messageId },
    } = await warned(accountId);
    await harness.tell(
      { name: 'MailAccepted.v1', data: { messageId, acceptedAt: harness.clock.now().toISOString() } },
      `mail-${messageId}`,
    );
    await until(async () => (await events('InactivityWarningAccepted', accountId)).length === 1);
  }
  const suspended = (accountId: string) => until(async () => (await events('DormancyReached', accountId))[0]);
  const held = (accountId: string) =>
    until(
      async () =>
        (await rows(`SELECT FROM deadlines WHERE account_id = '${accountId}' AND waits_for IS NOT NULL`)).length === 1,
    );

  it('answers without waiting for a write that fails, keeps the record, holds the watermark at it, and writes it when the service is back', async () => {
    const one = await gateway();
    const accountId = uuid();
    await one.wire.cut();
    const before = harness.clock.now();
    const began = performance.now();
    await one.record(accountId);
    expect(performance.now() - began).toBeLessThan(SOON_MS);
    expect(one.record(accountId)).toBeUndefined();
    const after = harness.clock.now();
    await advance(3_600);
    await one.wire.mend();
    await until(() => recorded(accountId));
    const at = await until(async () => {
      const [row] = await gateways();
      return row && row.kept === 0 && row.watermark > after && row;
    });
    expect(at.watermark.getTime() - before.getTime()).toBeGreaterThanOrEqual(3_600_000);
  });

  it('holds the watermark at the oldest record that is kept while the service is heard but cannot write', async () => {
    const one = await gateway();
    const before = harness.clock.now();
    const blocked = await harness.database('inactivity-policy').pool.connect();
    await blocked.query('BEGIN; LOCK TABLE activity IN ACCESS EXCLUSIVE MODE');
    const accountId = uuid();
    const began = performance.now();
    await one.record(accountId);
    expect(performance.now() - began).toBeLessThan(SOON_MS);
    const after = harness.clock.now();
    await advance(DAY);
    const row = await until(async () => {
      const [known] = await gateways();
      return known?.kept === 1 && known;
    });
    expect(row.watermark.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(row.watermark.getTime()).toBeLessThanOrEqual(after.getTime());
    await blocked.query('ROLLBACK');
    blocked.release();
    await until(() => recorded(accountId));
    await until(async () => {
      const [known] = await gateways();
      return known?.kept === 0 && known.watermark > after;
    });
  });

  it('states dormancy with the instant up to which everything was heard', async () => {
    await gateway();
    const accountId = await registered();
    await advance(167 * DAY);
    await noticed(accountId);
    await advance(15 * DAY);
    const {
      data: { watermark },
    } = await suspended(accountId);
    const {
      data: { suspendAt },
    } = await warned(accountId);
    expect(watermark > suspendAt).toBe(true);
    expect(Date.parse(watermark)).toBeLessThanOrEqual(harness.clock.now().getTime());
  });

  it('suspends nobody while sign-ins may still be on their way from identity', async () => {
    await gateway();
    const accountId = await registered();
    await advance(167 * DAY);
    await noticed(accountId);
    published = harness.clock.now().toISOString();
    await advance(15 * DAY);
    await held(accountId);
    expect(await events('DormancyReached', accountId)).toEqual([]);
    published = undefined;
    await suspended(accountId);
  });

  it('suspends nobody when a gateway was killed, warns all the same, and goes on once a person has closed the gap', async () => {
    const killed = await gateway();
    await gateway();
    const [due, other] = [await registered(), await registered()];
    await advance(167 * DAY);
    await noticed(due);
    await killed.record(other);
    const { instance } = killed;
    await killed.kill();
    await advance(15 * DAY);
    await held(due);
    expect(await fiveMinutesLater(instance)).toEqual([instance]);
    await advance(160 * DAY);
    await warned(other);
    expect(await events('DormancyReached', due)).toEqual([]);
    expect(await gaps()).toEqual([expect.objectContaining({ instance, kept: 0 })]);

    const closed = await closeGap(instance);
    expect(closed.closedAt).toBeDefined();
    await suspended(due);
    expect(await gaps()).toEqual([]);
    expect(await closeGap(instance, 'once more')).toMatchObject({ instance });
    expect(await rows(`SELECT data FROM events WHERE type = 'GapClosed' AND stream_id = 'gap-${instance}'`)).toEqual([
      {
        data: {
          since: closed.since,
          kept: 0,
          reason: 'the machine had no traffic',
          closedBy: 'operator:ada',
          closedAt: closed.closedAt,
        },
      },
    ]);
  });

  it('leaves no gap when it stops cleanly, and what it kept is written', async () => {
    const [one, two] = [await gateway(), await gateway()];
    const accountId = uuid();
    await one.wire.cut();
    await one.record(accountId);
    await one.wire.mend();
    await until(async () => {
      await one.leave();
      return recorded(accountId);
    });
    const instances = (await gateways()).map(({ instance }) => instance);
    await two.kill();
    expect(await fiveMinutesLater(...instances)).toHaveLength(1);
    expect((await gaps()).map(({ instance }) => instance)).toEqual(
      (await gateways()).flatMap(({ instance, left_at }) => (left_at ? [] : [instance])),
    );
  });

  it('leaves a gap when it stops and could not write what it kept', async () => {
    const one = await gateway();
    await one.wire.cut();
    await one.record(uuid());
    await one.leave();
    const { instance } = await theGateway();
    expect(await fiveMinutesLater(instance)).toEqual([instance]);
    expect(await gaps()).toHaveLength(1);
  });

  describe('a gateway with a folder of its own', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'rollcall-gateway-'));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    async function killedWhileKeeping() {
      const killed = await gateway(folder);
      const accountId = uuid();
      await killed.wire.cut();
      await killed.record(accountId);
      await killed.kill();
      return { killed, accountId };
    }
    const left = async (instance: string) =>
      (await rows(`SELECT FROM gateways WHERE instance = '${instance}' AND left_at IS NOT NULL`)).length === 1;

    it('leaves no gap when it is killed while it keeps records: the next one in the folder writes them', async () => {
      const { killed, accountId } = await killedWhileKeeping();
      await fiveMinutesLater(killed.instance);
      const next = await gateway(folder);
      expect([await recorded(accountId), await left(killed.instance), await gaps()]).toEqual([true, true, []]);
      await next.leave();
      expect(readdirSync(folder)).toEqual([]);
    });

    it('leaves the gap to a person when the machine died with it, for the end of the file may be missing', async () => {
      const { killed, accountId } = await killedWhileKeeping();
      for (const name of readdirSync(folder))
        renameSync(join(folder, name), join(folder, name.replace(/[^.]*$/, 'another-start-of-the-machine')));
      await fiveMinutesLater(killed.instance);
      await gateway(folder);
      expect([await recorded(accountId), await left(killed.instance)]).toEqual([true, false]);
      expect((await gaps()).map(({ instance }) => instance)).toEqual([killed.instance]);
    });

    it('goes on without the folder when it cannot be written, and then leaves the gap to a person', async () => {
      const one = await gateway(folder);
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      await one.wire.cut();
      rmSync(folder, { recursive: true });
      await one.record(uuid());
      await one.kill();
      await gateway(folder);
      await fiveMinutesLater(one.instance);
      expect((await gaps()).map(({ instance }) => instance)).toEqual([one.instance]);
    });
  });

  it('closes a gap by itself when the gateway is heard again: it was cut off, and has lost nothing', async () => {
    const one = await gateway();
    const { instance, watermark } = await theGateway();
    await one.wire.cut();
    await one.record(uuid());
    await fiveMinutesLater(instance);
    expect(await gaps()).toHaveLength(1);
    await advance(60);
    await one.wire.mend();
    await until(async () => (await gaps()).length === 0);
    expect((await theGateway()).watermark > watermark).toBe(true);
  });

  it('takes no gateway for silent while it could not listen itself for 5 minutes', async () => {
    await gateway();
    const { pool } = harness.database('inactivity-policy');
    await pool.query("UPDATE gateways SET heard_at = heard_at - interval '1 hour'");
    expect(await noteSilent(pool, SILENT_MS - 1)).toEqual([]);
    expect(await noteSilent(pool, SILENT_MS)).toHaveLength(1);
  });

  it('refuses to close what is no gap, and to close one without a reason', async () => {
    await gateway();
    const { instance } = await theGateway();
    await expect(closeGap(instance)).rejects.toMatchObject({ code: 'gap/unknown' });
    await expect(closeGap(uuid())).rejects.toMatchObject({ code: 'gap/unknown' });
    await fiveMinutesLater(instance);
    await expect(closeGap(instance, ' ')).rejects.toMatchObject({ code: 'request/invalid' });
    expect(await gaps()).toHaveLength(1);
  });

  it('tells operators how each gateway stands: its address, keys and lease, when it was heard, and how often it began anew', async () => {
    const listed = async () =>
      (await harness.peer('operator:ada').of('inactivity-policy', 'Inactivity').listGateways({}, context())).gateways;
    const one = await gateway();
    await until(async () => (await listed()).length === 1);
    expect(await listed()).toMatchObject([
      {
        instance: one.instance,
        state: 'ready',
        standing: { address: expect.stringMatching(/^[^:]+:8080$/) as string, leased: true, keys: 7 },
        restarts: 0,
      },
    ]);
    await one.kill();
    await rows(
      `UPDATE gateways SET heard_at = heard_at - interval '16 s', started_at = started_at - interval '1 hour'`,
    );
    expect(await listed()).toMatchObject([{ instance: one.instance, state: 'silent' }]);
    const next = await gateway();
    expect((await listed()).map(({ instance, state, restarts }) => [instance, state, restarts])).toEqual([
      [one.instance, 'silent', 0],
      [next.instance, 'ready', 1],
    ]);
  });

  it('hears nothing of the future, and no farewell of one that keeps records', async () => {
    const heartbeat = (said: { watermark?: string; kept?: number; leaving?: boolean }) =>
      harness
        .peer('gateway')
        .of('inactivity-policy', 'Inactivity')
        .heartbeat(
          {
            instance: uuid(),
            watermark: harness.clock.now().toISOString(),
            kept: 0,
            leaving: false,
            standing: undefined,
            ...said,
          },
          context(),
        );
    await expect(
      heartbeat({ watermark: new Date(harness.clock.now().getTime() + 301_000).toISOString() }),
    ).rejects.toMatchObject({ code: 'request/invalid' });
    await expect(heartbeat({ kept: 1, leaving: true })).rejects.toMatchObject({ code: 'request/invalid' });
    expect(await gateways()).toEqual([]);
  });
});
