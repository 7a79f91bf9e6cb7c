import { fold } from '#event-sourcing';
import { given } from '#testing';
import { login } from './login.decider.ts';

const at = (day: number) =>
  ({
    type: 'LoginRecorded',
    data: { sessionId: 's', method: 'password', at: `2026-01-0${day}T00:00:00.000Z` },
  }) as const;

describe('RecordLogin', () => {
  it('records each sign-in, whatever came before', () => {
    for (const before of [[], [at(1)], [at(3)]])
      given(login, before)
        .when({ type: 'RecordLogin', ...at(2).data })
        .then([at(2)]);
  });
  it('knows the latest, also when they were not recorded in their order', () => {
    expect(fold(login, [])).toEqual({ latest: null });
    for (const order of [
      [at(1), at(3), at(2)],
      [at(3), at(1)],
      [at(3), at(3)],
    ])
      expect(fold(login, order)).toEqual({ latest: at(3).data.at });
    expect(fold(login, [at(1), at(2)])).toEqual({ latest: at(2).data.at });
  });
});
