import { given } from '#testing';
import { fold } from '#event-sourcing';
import fc from 'fast-check';
import { session, type SessionCommand, type SessionEvent } from './session.decider.ts';

const started = { type: 'SessionStarted', data: { accountId: 'a', tokenDigest: 'd', methods: ['password'] } } as const;
const ended = { type: 'SessionEnded', data: { reason: 'signed-out' } } as const;

describe('StartSession', () => {
  it('opens the session', () => {
    given(session, [])
      .when({ type: 'StartSession', ...started.data })
      .then([started]);
  });
  it('never opens one again', () => {
    given(session, [started, ended])
      .when({ type: 'StartSession', ...started.data })
      .thenNothing();
  });
});

describe.each([
  { type: 'ProveSession', accountId: 'a', tokenDigest: 'e', methods: ['passkey'] },
  { type: 'RotateSession', accountId: 'a', tokenDigest: 'e' },
] as const)('$type', (command) => {
  const event = {
    ProveSession: { type: 'SessionProved', data: { tokenDigest: 'e', methods: ['passkey'] } },
    RotateSession: { type: 'SessionRotated', data: { tokenDigest: 'e' } },
  } as const;
  it('gives an open session another token', () => {
    given(session, [started]).when(command).then([event[command.type]]);
  });
  it("knows neither an ended session, nor somebody else's, nor one that never was", () => {
    given(session, [started, ended]).when(command).thenRefused('session/unknown');
    given(session, [started])
      .when({ ...command, accountId: 'b' })
      .thenRefused('session/unknown');
    given(session, []).when(command).thenRefused('session/unknown');
  });
});

describe('EndSession', () => {
  it('ends it', () => {
    given(session, [started]).when({ type: 'EndSession', accountId: 'a', reason: 'signed-out' }).then([ended]);
  });
  it('keeps the first reason when it is repeated', () => {
    given(session, [started, ended]).when({ type: 'EndSession', accountId: 'a', reason: 'suspended' }).thenNothing();
  });
  it("does not know somebody else's session", () => {
    given(session, [started])
      .when({ type: 'EndSession', accountId: 'b', reason: 'signed-out' })
      .thenRefused('session/unknown');
  });
  it('does not know one that never was', () => {
    given(session, [])
      .when({ type: 'EndSession', accountId: 'a', reason: 'signed-out' })
      .thenRefused('session/unknown');
  });
});

it('stays ended whatever follows', () => {
  const command = fc.oneof(
    fc.constant<SessionCommand>({ type: 'StartSession', ...started.data }),
    fc.record({
      type: fc.constant('EndSession' as const),
      accountId: fc.constantFrom('a', 'b'),
      reason: fc.constantFrom('signed-out' as const, 'suspended' as const),
    }),
  );
  fc.assert(
    fc.property(fc.array(command), (commands) => {
      const events: SessionEvent[] = [started, ended];
      for (const next of commands) {
        const decided = session.decide(next, fold(session, events));
        if (!('refused' in decided)) events.push(...decided);
      }
      expect(fold(session, events).status).toBe('ended');
    }),
  );
});
