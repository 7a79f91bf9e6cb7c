import type { Message } from '#bus';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { edited } from '../fence/edited.ts';
import { type RuleName, RULES } from './rules.ts';

type Judge = (evidence: object) => { is: string };
type Sort = (batch: object, states: ReadonlyMap<string, object>) => { apply: readonly unknown[] };

/** What a module does, as it is and without a rule. */
async function both<M>(rule: RuleName, file: string): Promise<readonly [M, M]> {
  return [await edited([])<M>(file), await edited([RULES[rule]])<M>(file)];
}

describe('the rules for a moved database', () => {
  it.each(Object.keys(RULES) as RuleName[])('%s is kept in one place', (rule) => {
    const { file, from } = RULES[rule];
    expect(readFileSync(join(import.meta.dirname, '../..', file), 'utf8').split(from)).toHaveLength(2);
  });

  it('T-MOV-6 without it a primary that goes on with another standby is left behind', async () => {
    const promoted = {
      move: 'promoted',
      writers: [{ state: 'lived', strict: false, listed: true }],
      bus: 'none',
      file: 'none',
      copied: false,
      busRequired: false,
    };
    const judged = (await both<{ judgeMove: Judge }>('T-MOV-6', 'libs/event-sourcing/src/proof/evidence.ts')).map(
      ({ judgeMove }) => judgeMove(promoted).is,
    );
    expect(judged).toEqual(['person', 'whole']);
  });

  it('T-MOV-7 without it what is decided under a version of the lost branch is never applied', async () => {
    const late: Message = {
      topic: 'identity.accounts',
      key: 'account-1',
      eventId: '018f0000-0000-7000-8000-000000000000',
      type: 'AccountSuspended.v1',
      version: 3,
      previous: 2,
      source: 'identity',
      time: '2026-01-01T00:00:00.000Z',
      position: '2.1.1',
      correlationId: 'c',
      data: {},
    };
    // Of the lost branch all up to version 5 was applied here.
    const states = new Map([[late.key, { last: { epoch: 1, version: 5 }, parked: false }]]);
    const applied = (await both<{ plan: Sort }>('T-MOV-7', 'libs/bus/src/inbox/plan.ts')).map(
      ({ plan }) => plan({ messages: [late] }, states).apply.length,
    );
    expect(applied).toEqual([1, 0]);
  });
});
