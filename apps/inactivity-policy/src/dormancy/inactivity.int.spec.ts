import { DevClock, SystemClock } from '#platform';
import type { ServiceHarness } from '#testing';
import { v7 as uuid } from 'uuid';
import { runInactivityPolicy } from '../inactivity-policy.fixture.ts';

const DAY = 86_400;
const context = () => ({ correlationId: uuid(), actor: 'account:test' });

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (const deadline = performance.now() + 15_000; performance.now() < deadline;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not happen within 15 s');
}

describe('inactivity over gRPC and facts', () => {
  let running: ServiceHarness;
  beforeAll(async () => {
    running = await runInactivityPolicy();
  });
  afterAll(() => running.stop());

  const inactivity = () => running.peer('gateway').of('inactivity-policy', 'Inactivity');
  const devClock = () => running.peer('gateway').of('inactivity-policy', 'DevClock');
  const decisions = () => running.told('inactivity-policy.decisions');
  const get = (accountId: string) => inactivity().getInactivity({ accountId }, context());
  const advance = (seconds: number) => devClock().advanceClock({ seconds }, context());
  const decided = (name: string, accountId: string) =>
    until(async () =>
      (await decisions()).find(
        (fact) => fact.name === name && 'accountId' in fact.data && fact.data.accountId === accountId,
      ),
    );

  async function registered(): Promise<string> {
    const accountId = uuid();
    await running.tell(
      {
        name: 'AccountRegistered.v1',
        data: { accountId, organizationId: uuid(), projectId: uuid(), registeredAt: running.clock.now().toISOString() },
      },
      `account-${accountId}`,
    );
    await until(() => get(accountId).catch(() => undefined));
    return accountId;
  }

  it('says of many at once when they were last here in whichever way and when they are due, as each is told', async () => {
    const [ada, bob, stranger] = [await registered(), await registered(), uuid()];
    const at = (secondsAgo: number) => new Date(running.clock.now().getTime() - secondsAgo * 1000).toISOString();
    const [earlier, later] = [at(60), at(30)];
    await inactivity().recordActivity(
      {
        activities: [
          { accountId: ada, kind: 'api', occurredAt: later },
          { accountId: ada, kind: 'session', occurredAt: earlier },
        ],
      },
      context(),
    );
    const { accounts } = await inactivity().listSeen({ accountIds: [ada, bob, stranger] }, context());
    expect(accounts).toEqual([
      { accountId: ada, lastSeenAt: later, dueAt: (await get(ada)).dueAt },
      { accountId: bob, dueAt: (await get(bob)).dueAt },
    ]);
  });

  it('says of a sign-in after a warning until when the account stays active, also once its fact has come; of no other', async () => {
    const [accountId, never] = [await registered(), await registered()];
    const returned = (of: string, signedInAt: string) =>
      inactivity().getReturn({ accountId: of, signedInAt }, context());
    await advance(167 * DAY);
    await decided('InactivityWarningIssued.v1', accountId);
    await decided('InactivityWarningIssued.v1', never);
    const at = running.clock.now().toISOString();
    const staysActiveUntil = new Date((Math.floor(Date.parse(at) / (DAY * 1000)) + 181) * DAY * 1000).toISOString();
    expect(await returned(accountId, at)).toEqual({ staysActiveUntil });
    const signedIn = (at: string) => ({
      name: 'LoginRecorded.v2' as const,
      data: { accountId, sessionId: uuid(), methods: ['password' as const], newDevice: false, at },
    });
    await running.tell(signedIn(at), `login-${accountId}`);
    await until(async () => (await get(accountId)).status === 'active');
    expect(await returned(accountId, at)).toEqual({ staysActiveUntil });
    expect(await returned(accountId, new Date(Date.parse(at) + 60_000).toISOString())).toEqual({});
    expect(await returned(uuid(), at)).toEqual({});
    // Use by the API has saved it already.
    await inactivity().recordActivity({ activities: [{ accountId: never, kind: 'api', occurredAt: at }] }, context());
    expect(await returned(never, new Date(Date.parse(at) + 60_000).toISOString())).toEqual({});
  });

  it('warns 14 days before, and states dormancy with its evidence when 180 days are over', async () => {
    const accountId = await registered();
    const other = await registered();
    await running.tell(
      {
        name: 'LoginRecorded.v2',
        data: {
          accountId,
          sessionId: uuid(),
          methods: ['sign-up'],
          newDevice: false,
          at: running.clock.now().toISOString(),
        },
      },
      `login-${accountId}`,
    );
    const before = await until(async () => {
      const seen = await get(accountId);
      return seen.lastSignIn === undefined ? undefined : seen;
    });
    const end = (Math.floor(running.clock.now().getTime() / (DAY * 1000)) + 181) * DAY * 1000;
    expect(before).toMatchObject({
      status: 'active',
      dueAt: new Date(end).toISOString(),
      warningAt: new Date(end - 14 * DAY * 1000 - 3_600_000).toISOString(),
    });
    expect(before.suspendedAt).toBeUndefined();

    await advance(60 * DAY);
    await inactivity().recordActivity(
      { activities: [{ accountId: other, kind: 'api', occurredAt: running.clock.now().toISOString() }] },
      context(),
    );
    await advance(107 * DAY);
    const warning = await decided('InactivityWarningIssued.v1', accountId);
    expect(await get(accountId)).toMatchObject({ status: 'warned', dueAt: before.dueAt });
    expect(await get(other)).toMatchObject({ status: 'active' });

    const { messageId } = warning.data as { messageId: string };
    await running.tell(
      { name: 'MailAccepted.v1', data: { messageId, acceptedAt: running.clock.now().toISOString() } },
      `mail-${messageId}`,
    );
    await until(
      async () =>
        (
          await running
            .database('inactivity-policy')
            .pool.query("SELECT FROM events WHERE type = 'InactivityWarningAccepted'")
        ).rowCount === 1,
    );
    await advance(14 * DAY);
    await inactivity().heartbeat(
      { instance: uuid(), watermark: running.clock.now().toISOString(), kept: 0, leaving: false, standing: undefined },
      context(),
    );
    const reached = await decided('DormancyReached.v1', accountId);
    expect(reached.data).toMatchObject({
      dueAt: before.dueAt,
      policyVersion: 1,
      warningMessageId: messageId,
      lastActivity: { signIn: before.lastSignIn, session: null, api: null },
    });

    const suspendedAt = running.clock.now().toISOString();
    await running.tell(
      { name: 'AccountSuspended.v1', data: { accountId, reason: 'inactivity', suspendedAt } },
      `account-${accountId}`,
    );
    expect(
      await until(async () => {
        const seen = await get(accountId);
        return seen.status === 'suspended' && seen;
      }),
    ).toMatchObject({ suspendedAt });
    expect(
      (await decisions()).filter((fact) => 'accountId' in fact.data && fact.data.accountId === accountId),
    ).toHaveLength(2);
    expect((await decisions()).filter((fact) => 'accountId' in fact.data && fact.data.accountId === other)).toEqual([]);

    await running.tell(
      {
        name: 'AccountReactivated.v1',
        data: { accountId, reactivatedAt: new Date(Date.parse(suspendedAt) + 1000).toISOString() },
      },
      `account-${accountId}`,
    );
    expect(
      await until(async () => {
        const seen = await get(accountId);
        return seen.status === 'active' && seen;
      }),
    ).not.toHaveProperty('suspendedAt');
  });

  it('knows a sign-in by what an identity of 0.1.0 tells', async () => {
    const accountId = await registered();
    const at = running.clock.now().toISOString();
    await running.tell(
      { name: 'LoginRecorded.v1', data: { accountId, sessionId: uuid(), method: 'password', at } },
      `login-${accountId}`,
    );
    expect(await until(async () => (await get(accountId)).lastSignIn ?? undefined)).toBe(at);
  });

  it('keeps the kinds of activity apart, and the latest of each', async () => {
    const accountId = await registered();
    const at = (ms: number) => new Date(running.clock.now().getTime() - ms).toISOString();
    const [api, older, session] = [at(1_000), at(9_000), at(5_000)];
    for (let repeated = 0; repeated < 2; repeated++) {
      await inactivity().recordActivity(
        {
          activities: [
            { accountId, kind: 'api', occurredAt: api },
            { accountId, kind: 'api', occurredAt: older },
            { accountId, kind: 'session', occurredAt: session },
          ],
        },
        context(),
      );
      await inactivity().recordActivity({ activities: [{ accountId, kind: 'api', occurredAt: older }] }, context());
    }
    const seen = await get(accountId);
    expect(seen).toMatchObject({ lastApi: api, lastSession: session });
    expect(seen.lastSignIn).toBeUndefined();
  });

  it('refuses activity that lies more than 5 minutes in the future, and all that came with it', async () => {
    const accountId = await registered();
    const ahead = (ms: number) => ({
      accountId,
      kind: 'session',
      occurredAt: new Date(running.clock.now().getTime() + ms).toISOString(),
    });
    await expect(
      inactivity().recordActivity({ activities: [ahead(0), ahead(301_000)] }, context()),
    ).rejects.toMatchObject({ code: 'request/invalid', facts: { fields: [{ pointer: '/activities/1/occurredAt' }] } });
    expect((await get(accountId)).lastSession).toBeUndefined();
    await inactivity().recordActivity({ activities: [ahead(240_000)] }, context());
    expect((await get(accountId)).lastSession).toBeDefined();
  });

  it("refuses kinds of activity that are not the gateway's to record", async () => {
    await expect(
      inactivity().recordActivity(
        { activities: [{ accountId: uuid(), kind: 'signIn', occurredAt: running.clock.now().toISOString() }] },
        context(),
      ),
    ).rejects.toMatchObject({ code: 'request/invalid' });
  });

  it('knows nothing of an account that its owner does not know', async () => {
    await expect(get(uuid())).rejects.toMatchObject({ code: 'account/unknown' });
  });

  it('is for the gateway alone', async () => {
    await expect(
      running.peer('mailer').of('inactivity-policy', 'Inactivity').getInactivity({ accountId: uuid() }, context()),
    ).rejects.toMatchObject({ code: 'caller/not-permitted' });
    await expect(
      running.peer('mailer').of('inactivity-policy', 'DevClock').readClock({}, context()),
    ).rejects.toMatchObject({ code: 'caller/not-permitted' });
  });

  it.each([0, -1, 315_360_001])('does not move the clock by %d seconds', async (seconds) => {
    await expect(advance(seconds)).rejects.toMatchObject({ code: 'request/invalid' });
  });

  it('moves the clock for good: it is where it was after a restart, before anything is decided', async () => {
    const moved = await advance(3_600);
    expect(Date.parse(moved.now)).toBeGreaterThan(Date.now() + 181 * DAY * 1000);
    const fresh = new DevClock();
    await running.restart('inactivity-policy', fresh);
    expect(fresh.now().getTime()).toBeGreaterThanOrEqual(Date.parse(moved.now));
    expect((await devClock().readClock({}, context())).offsetMs).toBe(moved.offsetMs);
  });

  it('does not move the real clock', async () => {
    await running.restart('inactivity-policy', new SystemClock());
    await expect(advance(60)).rejects.toMatchObject({ code: 'caller/not-permitted' });
    await expect(devClock().readClock({}, context())).rejects.toMatchObject({ code: 'caller/not-permitted' });
  });
});
