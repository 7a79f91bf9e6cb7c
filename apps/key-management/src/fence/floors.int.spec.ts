import { randomUUID } from 'node:crypto';
import type { keyManagement as contract } from '#contracts';
import { reopenLog } from '#event-sourcing';
import { type CallContext, Problem } from '#platform';
import { serviceHarness, type ServiceHarness } from '#testing';
import { Pool } from 'pg';
import { keyManagement } from '../key-management.module.ts';

const PROTOCOL = 1;
const context = (): CallContext => ({ correlationId: randomUUID(), actor: 'service:gateway' });
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

/** Design moved-databases §2: gateways are witnesses outside of the database. */
describe('how far gateways have followed the withdrawals', () => {
  let harness: ServiceHarness;
  const of = () => harness.peer('gateway');
  const fence = () => of().of('key-management', 'Fence');
  const database = () => harness.database('key-management');
  const verify = (floor?: contract.Floor) =>
    code(
      of()
        .of('key-management', 'Gate')
        .verifyKeys({ digests: ['00'], ...(floor ? { floor } : {}) }, context()),
    );

  /** Withdrawals as a replica commits them. */
  async function withdraw(times: number): Promise<void> {
    for (let i = 0; i < times; i++)
      await database().pool.query(
        `WITH moved AS (UPDATE fence SET seq = seq + 1 RETURNING seq, gen_random_uuid() AS mark)
         INSERT INTO withdrawals (epoch, seq, mark, subject) SELECT (SELECT epoch FROM log_meta), seq, mark, gen_random_uuid() FROM moved`,
      );
  }
  /** Of a gateway that has followed up to now. */
  async function floor(change: Partial<contract.Floor> = {}): Promise<contract.Floor> {
    const { epoch, seq, incarnation = '' } = await fence().register({ protocol: PROTOCOL }, context());
    const { rows } = await database().pool.query<{ mark: string }>(
      'SELECT min(mark::text) AS mark FROM withdrawals WHERE epoch = $1 AND seq = $2',
      [epoch, seq],
    );
    return { incarnation, epoch, seq, mark: rows[0]?.mark ?? '', ...change };
  }

  beforeEach(async () => {
    harness = await serviceHarness([{ service: keyManagement, config: () => Promise.resolve({ lease: 2 }) }]);
    await withdraw(3);
  });
  afterEach(() => harness.stop());

  it('is what the log has: such a gateway is answered, also one that is behind, or that has just begun', async () => {
    const known = await floor();
    await withdraw(2);
    for (const each of [known, { ...known, mark: '' }, undefined]) expect(await verify(each)).toBe('done');
    expect(await code(fence().register({ protocol: PROTOCOL, floor: known }, context()))).toBe('done');
  });

  it.each([
    ['further than the log', (at: contract.Floor) => ({ ...at, seq: at.seq + 1, mark: randomUUID() })],
    [
      'T-MOV-9 as far as a copy that has outgrown it by other withdrawals',
      (at: contract.Floor) => ({ ...at, mark: randomUUID() }),
    ],
    ['along another copy with the same epoch', (at: contract.Floor) => ({ ...at, incarnation: randomUUID() })],
  ])('T-MOV-9 %s: it is an older copy for everybody, from then on', async (_what, change) => {
    const ahead = change(await floor());
    expect(await code(fence().register({ protocol: PROTOCOL, floor: ahead }, context()))).toBe('log/older');
    expect([await verify(), await code(fence().register({ protocol: PROTOCOL }, context()))]).toEqual([
      'log/older',
      'log/older',
    ]);
    const { rows } = await database().pool.query('SELECT incarnation, seq::int FROM floors');
    expect(rows).toEqual([{ incarnation: ahead.incarnation, seq: ahead.seq }]);
  });

  it.each(['verifyKeys', 'renew'] as const)('is heard by %s, too, where the log goes on with fewer', async (call) => {
    const ahead = await floor({ seq: 99, mark: randomUUID() });
    const renew = {
      protocol: PROTOCOL,
      instance: randomUUID(),
      epoch: ahead.epoch,
      applied: 99,
      registering: true,
      floor: ahead,
    };
    expect(await (call === 'renew' ? code(fence().renew(renew, context())) : verify(ahead))).toBe('log/older');
  });

  it('is heard by a log that is not proved, and decides before its witnesses do', async () => {
    const ahead = await floor({ seq: 99, mark: randomUUID() });
    await database().asOwner(`UPDATE log_meta SET proved = replace(proved, '.', '.1')`);
    const heard: string[] = [];
    for (let i = 0; i < 20 && heard.at(-1) !== 'log/older'; i++) heard.push(await verify(ahead));
    expect(heard.at(-1)).toBe('log/older');
    expect(heard).not.toContain('done');
  });

  it('says nothing of a log that an operator has reopened since', async () => {
    const ahead = await floor({ seq: 99, mark: randomUUID() });
    expect(await verify(ahead)).toBe('log/older');
    const owner = new Pool({ connectionString: database().ownerUrl, max: 1 });
    await reopenLog(owner, { beyond: ahead.epoch });
    await owner.end();
    let word = '';
    for (let i = 0; i < 50 && word !== 'done'; i++) {
      word = await verify(ahead);
      await new Promise((later) => setTimeout(later, 100));
    }
    expect(word).toBe('done');
    const next = await floor();
    expect([next.epoch, next.incarnation === ahead.incarnation]).toEqual([ahead.epoch + 1, false]);
  });
});
