import type { operations } from '#contracts';
import { ofService } from './doctor.cli.ts';

const status: operations.Status = {
  service: 'identity',
  startedAt: '2026-01-01T00:00:00.000Z',
  state: 'ready',
  reasons: [],
  events: 0,
  streams: 0,
  head: '',
  epoch: 1,
  outbox: undefined,
  lags: [],
  parked: undefined,
  frontierAgeMs: 0,
  clockSkewMs: 0,
  housekeeping: [],
};
const found = (...housekeeping: operations.Housework[]) =>
  ofService({ owner: 'identity', status: { ...status, housekeeping } }).find(({ check }) => check === 'housekeeping');

describe('rollcall doctor', () => {
  it('warns of housekeeping that has missed three turns, and says what to do', () => {
    const inTime = { name: 'throttles', everySeconds: 3_600, idleSeconds: 10_799 };
    expect(found(inTime)).toMatchObject({ outcome: 'ok', next: '' });
    expect(found(inTime, { name: 'commands', everySeconds: 3_600, idleSeconds: 10_800 })).toMatchObject({
      outcome: 'warn',
      says: 'commands grows: what is old was not removed for 180 min',
      next: expect.stringContaining('housekeeping of') as string,
    });
  });
});
