import { factKinds, type operations } from '#contracts';
import { ofService } from './doctor.cli.ts';

const kinds = Object.values(factKinds);
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
  factKinds: Object.keys(factKinds),
  promotion: undefined,
};
const found = (...housekeeping: operations.Housework[]) =>
  ofService({ owner: 'identity', status: { ...status, housekeeping } }, kinds).find(
    ({ check }) => check === 'housekeeping',
  );

describe('rollcall doctor', () => {
  it('says beforehand what a promotion would need', () => {
    const promotion = (of: operations.Promotion | undefined) =>
      ofService({ owner: 'identity', status: { ...status, promotion: of } }, kinds).find(
        ({ check }) => check === 'promotion',
      );
    expect(promotion(undefined)).toBeUndefined();
    expect(promotion({ standbys: 2 })).toMatchObject({ outcome: 'ok', next: '' });
    expect(promotion({ standbys: 0, doubt: 'nobody waits' })).toMatchObject({
      outcome: 'ok',
      says: 'no standby follows its database',
    });
    expect(promotion({ standbys: 1, doubt: 'nobody waits' })).toMatchObject({
      outcome: 'warn',
      says: 'a standby that is promoted would wait for a person: nobody waits',
    });
  });

  it('fails a consumer of an older release, which newer shapes of its facts pass by', () => {
    const reading = (of: string, known: readonly string[]) =>
      ofService(
        {
          owner: 'inactivity-policy',
          status: {
            ...status,
            lags: [{ kind: 'consumer', name: 'inactivity-policy', of, behindEvents: 0, behindSeconds: 0 }],
            factKinds: [...known],
          },
        },
        kinds,
      ).find(({ check }) => check === 'facts');
    expect(reading('identity.logins/0', Object.keys(factKinds))).toMatchObject({ outcome: 'ok', next: '' });
    // A release that does not say what it reads is 0.1.0, or near it.
    for (const known of [[], ['LoginRecorded.v1']])
      expect(reading('identity.logins/3', known)).toMatchObject({
        outcome: 'fail',
        says: 'its release cannot read LoginRecorded.v2',
        next: 'upgrade inactivity-policy before whoever sends them',
      });
    expect(reading('key-management.keys/0', [])).toMatchObject({ outcome: 'ok' });
  });

  it('fails a relay that publishes nothing, also while little waits for it', () => {
    const outbox = (state: string) =>
      ofService(
        {
          owner: 'identity',
          status: { ...status, outbox: { state, position: '', behindEvents: 1, behindSeconds: 0.2 } },
        },
        kinds,
      ).find(({ check }) => check === 'outbox');
    expect(outbox('failing')).toMatchObject({
      outcome: 'fail',
      says: 'failing, 1 events behind',
      next: 'rollcall outbox status',
    });
    for (const state of ['active', 'standby']) expect(outbox(state)).toMatchObject({ outcome: 'ok', next: '' });
  });

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
