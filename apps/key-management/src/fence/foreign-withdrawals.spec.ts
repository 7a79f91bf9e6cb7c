import { randomUUID } from 'node:crypto';
import { FOREIGN_WITHDRAWALS, withdrawnBy } from './foreign-withdrawals.ts';

const [stream, accountId, projectId] = [randomUUID(), randomUUID(), randomUUID()];
const told = (type: string, data: unknown) =>
  withdrawnBy({ type, key: `organization-${stream}`, data: data as object });

describe('whom a fact of others withdraws', () => {
  it.each([
    ['AccountSuspended.v1', accountId],
    ['MemberRemoved.v1', accountId],
    ['MemberDeactivated.v1', accountId],
    ['ProjectMemberRemoved.v1', accountId],
    ['ProjectArchived.v1', projectId],
    ['MemberRemoved.v7', accountId],
  ])('is who it is about, whatever its version: %s', (type, subject) => {
    expect(told(type, { accountId, projectId })).toBe(subject);
  });

  it.each([null, {}, { accountId: 'nobody' }, { accountId: 7 }])(
    'is all of its stream where it cannot be read who: %j',
    (data) => {
      expect(told('AccountSuspended.v2', data)).toBe(stream);
    },
  );

  it.each(['MemberJoined.v1', 'ProjectCreated.v1', 'MemberRemovedToo.v1'])('is nobody by any other: %s', (type) => {
    expect(told(type, { accountId, projectId })).toBeUndefined();
  });

  it('is told by five facts', () => {
    expect(FOREIGN_WITHDRAWALS).toEqual([
      'AccountSuspended',
      'MemberRemoved',
      'MemberDeactivated',
      'ProjectMemberRemoved',
      'ProjectArchived',
    ]);
  });
});
