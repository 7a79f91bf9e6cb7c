import { fold } from '#event-sourcing';
import { given } from '#testing';
import { login } from './login.decider.ts';

const time = (day: number) => `2026-01-0${day}T00:00:00.000Z`;
const at = (day: number) =>
  ({
    type: 'LoginRecorded',
    data: { sessionId: 's', methods: ['password'], newDevice: false, at: time(day) },
  }) as const;
const guessed = (day: number) => ({ type: 'SignInsRefused', data: { kind: 'password', at: time(day) } }) as const;

describe('RecordLogin', () => {
  it('records each sign-in, whatever came before', () => {
    for (const before of [[], [at(1)], [at(3)]])
      given(login, before)
        .when({ type: 'RecordLogin', ...at(2).data })
        .then([at(2)]);
  });
  it('says that a browser is new where others are known: not of the first, nor of the first after an upgrade', () => {
    const released = { type: 'LoginRecorded', data: { sessionId: 's', method: 'password', at: time(1) } } as const;
    const command = { type: 'RecordLogin', ...at(2).data, newDevice: true } as const;
    const recorded = (newDevice: boolean) => ({ ...at(2), data: { ...at(2).data, newDevice } });
    given(login, [])
      .when(command)
      .then([recorded(false)]);
    given(login, [released])
      .when(command)
      .then([recorded(false)]);
    given(login, [released, at(1)])
      .when(command)
      .then([recorded(true)]);
  });
  it('knows the latest, also when they were not recorded in their order, and those of the first release', () => {
    expect(fold(login, []).latest).toBeNull();
    for (const order of [
      [at(1), at(3), at(2)],
      [at(3), at(1)],
      [at(3), at(3)],
    ])
      expect(fold(login, order).latest).toBe(time(3));
    expect(
      fold(login, [{ type: 'LoginRecorded', data: { sessionId: 's', method: 'sign-up', at: time(2) } }]).latest,
    ).toBe(time(2));
  });
});

describe('RecordGuesses', () => {
  it('is said once a day and kind', () => {
    given(login, [at(1)])
      .when({ type: 'RecordGuesses', kind: 'password', at: time(2) })
      .then([guessed(2)]);
    given(login, [guessed(2)])
      .when({ type: 'RecordGuesses', kind: 'password', at: '2026-01-02T23:59:59.999Z' })
      .thenNothing();
    given(login, [guessed(2)])
      .when({ type: 'RecordGuesses', kind: 'password', at: time(3) })
      .then([guessed(3)]);
    given(login, [guessed(2)])
      .when({ type: 'RecordGuesses', kind: 'second-factor', at: time(2) })
      .then([{ type: 'SignInsRefused', data: { kind: 'second-factor', at: time(2) } }]);
  });
});
