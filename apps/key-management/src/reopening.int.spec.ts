import { randomUUID } from 'node:crypto';
import { publishedStream } from '#bus';
import { PostgresEventStore } from '#event-sourcing';
import { apiKeyDigest, type CallContext, Problem } from '#platform';
import { serviceHarness, type ServiceHarness } from '#testing';
import { keyManagement } from './key-management.module.ts';
import { publish } from './outbox.ts';

const ids = { organizationId: randomUUID(), projectId: randomUUID(), accountId: randomUUID() };
const context = (): CallContext => ({ correlationId: randomUUID(), actor: 'account:test' });
const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

/** Design moved-databases §3, rule 5. */
describe('going on with an older copy of the keys', () => {
  let harness: ServiceHarness;
  let ownersAreWhole = true;
  const history = {
    readStream: async () => {
      if (!ownersAreWhole) throw new Problem('log/older', 'The database is an older copy.');
      return { facts: [] };
    },
  };
  const keys = () => harness.peer('gateway').of('key-management', 'Keys');
  const fence = () => harness.peer('gateway').of('key-management', 'Fence');
  const reopen = (apply = true, reason = 'the disk is lost') =>
    harness.peer('operator:ada').of('key-management', 'Operations').reopenLog({ apply, reason }, context());
  const database = () => harness.database('key-management');
  const issue = async (name: string) => {
    const { key, secret } = await keys().issueKey(
      { accountId: ids.accountId, projectId: ids.projectId, name, scopes: [], addresses: [] },
      context(),
    );
    return { keyId: key?.keyId ?? '', secret };
  };
  const revoke = (keyId: string) => keys().revokeKey({ accountId: ids.accountId, keyId, reason: '' }, context());
  const verdict = async (secret: string) =>
    (
      await harness
        .peer('gateway')
        .of('key-management', 'Gate')
        .verifyKeys({ digests: [apiKeyDigest(secret)] }, context())
    ).verdicts[0]?.outcome;
  const messages = async () => {
    const records = (await harness.bus.ranges('key-management.keys')).flatMap(({ first, next, partition }) =>
      Array.from({ length: next - first }, (_, i) => harness.bus.recordAt('key-management.keys', partition, first + i)),
    );
    return (await Promise.all(records)).flatMap((record) => (record ? [record.message] : []));
  };
  const published = async (count: number) => {
    for (let i = 0; i < 100 && (await messages()).length < count; i++)
      await new Promise((later) => setTimeout(later, 50));
    return messages();
  };
  const told = (streamId: string) =>
    publishedStream({
      store: new PostgresEventStore(database().pool),
      publish,
      service: 'key-management',
      streamId,
      after: { epoch: 0, version: 0 },
    });
  const stream = async (keyId: string) =>
    (
      await database().pool.query<{ version: number; type: string; event_id: string; log_epoch: number }>(
        'SELECT version, type, event_id, log_epoch FROM events WHERE stream_id = $1 ORDER BY version',
        [`key-${keyId}`],
      )
    ).rows;
  /** Leaves the log as it was when it had so many events. */
  const putBack = async (count: number) => {
    await database().asOwner(
      'ALTER TABLE events DISABLE TRIGGER USER',
      `DELETE FROM events WHERE pos > (SELECT pos FROM events ORDER BY pos OFFSET ${count - 1} LIMIT 1)`,
      'ALTER TABLE events ENABLE TRIGGER USER',
      'DELETE FROM streams s WHERE NOT EXISTS (SELECT FROM events e WHERE e.stream_id = s.id)',
      'UPDATE streams s SET version = (SELECT max(version) FROM events e WHERE e.stream_id = s.id)',
      `DELETE FROM key_directory k WHERE NOT EXISTS (SELECT FROM streams s WHERE s.id = 'key-' || k.key_id)`,
      'UPDATE key_directory SET revoked_at = NULL',
      'DELETE FROM relay_versions r WHERE NOT EXISTS (SELECT FROM streams s WHERE s.id = r.stream_id)',
      'UPDATE relay_versions r SET version = s.version FROM streams s WHERE s.id = r.stream_id',
      `UPDATE relay SET log_txid = e.txid, log_pos = e.pos FROM (SELECT txid, pos FROM events ORDER BY pos DESC LIMIT 1) AS e`,
    );
    await harness.restart('key-management');
  };

  beforeEach(async () => {
    ownersAreWhole = true;
    harness = await serviceHarness([{ service: keyManagement, config: () => Promise.resolve({ lease: 2 }) }], {
      identity: { History: history },
      organization: {
        History: history,
        Projects: {
          getProject: async () => ({
            projectId: ids.projectId,
            organizationId: ids.organizationId,
            name: 'First',
            status: 'active',
          }),
        },
      },
    });
    const key = `organization-${ids.organizationId}`;
    await harness.tell(
      {
        name: 'OrganizationCreated.v1',
        data: { organizationId: ids.organizationId, name: 'Acme', ownerId: ids.accountId },
      },
      key,
    );
    await harness.tell(
      {
        name: 'ProjectCreated.v1',
        data: { organizationId: ids.organizationId, projectId: ids.projectId, name: 'First', accountId: ids.accountId },
      },
      key,
    );
    for (let i = 0; i < 100; i++) {
      const { rowCount } = await database().pool.query('SELECT FROM project_members');
      if (rowCount) return;
      await new Promise((later) => setTimeout(later, 50));
    }
  });
  afterEach(() => harness.stop());

  it('T-MOV-7 revokes again what was revoked, under the version and id that others know, and goes on behind it', async () => {
    const [old, good] = [await issue('old'), await issue('good')];
    await revoke(old.keyId);
    const later = await issue('later');
    const before = await published(4);
    const lost = before.find(({ type }) => type === 'KeyRevoked.v1');
    await putBack(2);
    expect(await outcomeOf(verdict(old.secret))).toBe('log/older');

    const plan = await reopen(false);
    expect(plan).toMatchObject({
      epoch: 2,
      takenBack: [{ type: 'KeyRevoked.v1', count: 1 }],
      lost: [{ type: 'KeyIssued.v1', count: 1 }],
      names: [{ streamId: `key-${later.keyId}`, version: 1, type: 'KeyIssued.v1' }],
    });
    expect(await outcomeOf(verdict(old.secret))).toBe('log/older');
    expect(await reopen()).toEqual(plan);

    expect([await verdict(old.secret), await verdict(good.secret), await verdict(later.secret)]).toEqual([
      'unknown',
      'good',
      'unknown',
    ]);
    expect(await stream(old.keyId)).toMatchObject([
      { version: 1, type: 'KeyIssued', log_epoch: 1 },
      { version: 2, type: 'KeyRevoked', log_epoch: 2, event_id: lost?.eventId },
    ]);
    expect(await stream(later.keyId)).toMatchObject([{ version: 1, type: 'Lost' }]);

    await keys().renameKey({ accountId: ids.accountId, keyId: good.keyId, name: 'better' }, context());
    // What others know they are told as they know it; what is new follows upon that.
    const after = await published(5);
    for (const message of before)
      expect((await told(message.key)).find(({ eventId }) => eventId === message.eventId)).toEqual(message);
    expect(after).toHaveLength(5);
    const renamed = after.find(({ type }) => type === 'KeyRenamed.v1');
    expect(renamed).toMatchObject({ version: 2, previous: 1 });
    expect(renamed?.position.startsWith('2.')).toBe(true);
    expect(await outcomeOf(reopen())).toBe('log/whole');
  });

  it('T-MOV-10 waits for the logs that it judges by', async () => {
    const old = await issue('old');
    await revoke(old.keyId);
    await published(2);
    await putBack(1);
    ownersAreWhole = false;
    expect(await outcomeOf(reopen())).toBe('log/owners-first');
    expect(await outcomeOf(verdict(old.secret))).toBe('log/older');
    ownersAreWhole = true;
    expect(await outcomeOf(reopen())).toBe('done');
    expect(await verdict(old.secret)).toBe('unknown');
  });

  it('revokes again what only gateways know: the bus has lost it, too', async () => {
    const [old, good] = [await issue('old'), await issue('good')];
    const before = await fence().register({ protocol: 1 }, context());
    await database().pool.query('UPDATE fence SET seq = $1', [before.seq + 2]);
    const floor = {
      incarnation: before.incarnation ?? '',
      epoch: before.epoch,
      seq: before.seq + 3,
      mark: randomUUID(),
    };
    const withdrawn = [
      { subject: old.keyId, seq: before.seq + 3 },
      { subject: good.keyId, seq: before.seq },
    ];
    await fence().recall({ floor, withdrawn }, context());
    expect(await outcomeOf(verdict(old.secret))).toBe('log/older');
    expect((await reopen(false)).recalled).toEqual([`key ${old.keyId}, which gateways know as withdrawn, is revoked`]);
    await reopen();
    expect([await verdict(old.secret), await verdict(good.secret)]).toEqual(['unknown', 'good']);
    // What comes late of a log that was reopened closes nothing any more.
    await fence().recall({ floor, withdrawn: [{ subject: good.keyId, seq: floor.seq }] }, context());
    expect(await verdict(good.secret)).toBe('good');
    expect((await database().pool.query('SELECT FROM recalled')).rowCount).toBe(0);
  });

  it('begins beyond every epoch that a gateway has followed', async () => {
    await issue('old');
    await database().pool.query('INSERT INTO floors (incarnation, epoch, seq) VALUES ($1, 7, 3)', [randomUUID()]);
    await database().asOwner(`SELECT log_deny('a gateway knows more')`);
    for (let i = 0; i < 100 && (await outcomeOf(reopen(false))) === 'log/whole'; i++)
      await new Promise((later) => setTimeout(later, 50));
    expect((await reopen()).epoch).toBe(8);
  });
});
