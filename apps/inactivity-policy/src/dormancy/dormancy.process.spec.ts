import { given } from '#testing';
import { fold } from '#event-sourcing';
import fc from 'fast-check';
import { type Dormancy, dueAtOf, type LastActivity, nextLookAt, suspendAtOf, warningAtOf } from './deadline.process.ts';
import {
  accepted,
  assess,
  bounced,
  dueAt,
  messageId,
  never,
  policy,
  reached,
  started,
  stopped,
  warned,
  warningAt,
} from './dormancy.example.ts';
import { dormancy, type DormancyCommand, type DormancyEvent } from './dormancy.process.ts';

const DAY = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();
const running: Dormancy = { startedAt: started.data.at, stoppedAt: null, warnings: [] };

describe('the due date', () => {
  it('is the threshold after the end of the last day with any activity', () => {
    expect(dueAtOf(running, policy, never)).toBe(dueAt);
    expect(dueAtOf(running, policy, { ...never, api: '2026-02-01T00:00:00.000Z' })).toBe('2026-08-01T00:00:00.000Z');
    expect(
      dueAtOf(running, policy, { signIn: '2026-02-01T23:59:59.999Z', session: '2026-01-05T00:00:00.000Z', api: null }),
    ).toBe('2026-08-01T00:00:00.000Z');
  });
  it('is never nearer than the notice after the policy came into effect', () => {
    expect(dueAtOf(running, { ...policy, effectiveAt: '2026-06-30T10:00:00.000Z' }, never)).toBe(
      '2026-07-14T10:00:00.000Z',
    );
  });
  it('is not there before the clock has started', () => {
    expect(dueAtOf(dormancy.initial, policy, never)).toBeUndefined();
  });
  it('has its warning the notice and an hour before', () => {
    expect(warningAtOf(dueAt, policy)).toBe(warningAt);
  });
  it('is not moved by notice, which only moves the suspension', () => {
    expect(suspendAtOf(dueAt, warningAt, policy)).toBe(dueAt);
    expect(suspendAtOf(dueAt, '2026-06-20T00:00:00.000Z', policy)).toBe('2026-07-04T00:00:00.000Z');
  });
});

describe('the next look', () => {
  const notice = { messageId, dueAt, issuedAt: warningAt, servedAt: null, reached: false };
  const look = (change: Partial<Dormancy>) =>
    nextLookAt({ ...running, ...change }, policy, never, '2026-06-20T00:00:00.000Z');
  it('is never, where the clock has not started or was stopped', () => {
    expect([
      look({ startedAt: null }),
      look({ stoppedAt: stopped.data.at }),
      look({ startedAt: null, warnings: [notice] }),
    ]).toEqual([undefined, undefined, undefined]);
  });
  it('is when the warning is due, also where one for another due date went out and where the clock was started again', () => {
    expect([
      look({}),
      look({ warnings: [{ ...notice, dueAt: '2026-06-01T00:00:00.000Z', servedAt: warningAt }] }),
      look({ stoppedAt: '2025-01-01T00:00:00.000Z' }),
      look({ stoppedAt: running.startedAt }),
    ]).toEqual([warningAt, warningAt, warningAt, warningAt]);
  });
  it('is a day later while others are waited for', () => {
    expect([
      look({ warnings: [notice] }),
      look({ warnings: [{ ...notice, servedAt: warningAt, reached: true }] }),
    ]).toEqual(['2026-06-21T00:00:00.000Z', '2026-06-21T00:00:00.000Z']);
  });
  it('is when the notice is over, once it was served', () => {
    expect([
      look({ warnings: [{ ...notice, servedAt: warningAt }] }),
      look({ warnings: [{ ...notice, servedAt: '2026-06-20T00:00:00.000Z' }] }),
    ]).toEqual([dueAt, '2026-07-04T00:00:00.000Z']);
  });
});

describe('notice', () => {
  const servedAt = (...events: DormancyEvent[]) =>
    fold(dormancy, [started, warned, ...events]).warnings.map((warning) => warning.servedAt);
  it('is counted from the latest word about its warning, in whatever order the words came', () => {
    expect([servedAt(accepted, bounced), servedAt(bounced, accepted)]).toEqual([
      [bounced.data.bouncedAt],
      [bounced.data.bouncedAt],
    ]);
    given(dormancy, [started, warned, accepted])
      .when({ type: 'RecordAccepted', messageId, at: bounced.data.bouncedAt })
      .then([{ ...accepted, data: { ...accepted.data, acceptedAt: bounced.data.bouncedAt } }]);
  });
  it('of one warning is none of another', () => {
    expect(
      servedAt(
        { ...warned, data: { ...warned.data, messageId: 'another', dueAt: '2026-09-01T00:00:00.000Z' } },
        accepted,
      ),
    ).toEqual([accepted.data.acceptedAt, null]);
  });
});

describe('StartClock', () => {
  const start = { type: 'StartClock', ...started.data } as const;
  it('starts the clock', () => {
    given(dormancy, []).when(start).then([started]);
  });
  it('adds nothing when it is repeated', () => {
    given(dormancy, [started]).when(start).thenNothing();
  });
  it('starts it anew when the account comes back', () => {
    given(dormancy, [started, stopped])
      .when({ ...start, at: '2026-07-09T00:00:00.000Z', reason: 'reactivated' })
      .then([{ type: 'ClockStarted', data: { at: '2026-07-09T00:00:00.000Z', reason: 'reactivated' } }]);
  });
});

describe('StopClock', () => {
  it('stops the clock', () => {
    given(dormancy, [started])
      .when({ type: 'StopClock', ...stopped.data })
      .then([stopped]);
  });
  it('adds nothing when it is repeated', () => {
    given(dormancy, [started, stopped])
      .when({ type: 'StopClock', ...stopped.data })
      .thenNothing();
  });
});

describe('Assess', () => {
  it('does nothing a moment before the warning is due', () => {
    given(dormancy, [started]).when(assess('2026-06-16T22:59:59.999Z')).thenNothing();
  });
  it('warns when the warning is due', () => {
    given(dormancy, [started]).when(assess(warningAt)).then([warned]);
  });
  it('gives whoever is warned late the whole notice all the same', () => {
    given(dormancy, [started])
      .when(assess('2027-01-01T00:00:00.000Z'))
      .then([
        {
          ...warned,
          data: { ...warned.data, issuedAt: '2027-01-01T00:00:00.000Z', suspendAt: '2027-01-15T00:00:00.000Z' },
        },
      ]);
  });
  it('warns once for a due date', () => {
    given(dormancy, [started, warned]).when(assess('2026-06-17T00:00:00.000Z')).thenNothing();
  });
  it('never states dormancy while the mail server has not answered', () => {
    given(dormancy, [started, warned]).when(assess('2036-01-01T00:00:00.000Z')).thenNothing();
  });
  it('never states dormancy upon a soft bounce', () => {
    given(dormancy, [started, warned, { ...bounced, data: { ...bounced.data, bounce: 'soft' } }])
      .when(assess('2036-01-01T00:00:00.000Z'))
      .thenNothing();
  });
  it('does not state dormancy a moment before it is due', () => {
    given(dormancy, [started, warned, accepted]).when(assess('2026-06-30T23:59:59.999Z')).thenNothing();
  });
  it('states dormancy with its evidence', () => {
    given(dormancy, [started, warned, accepted]).when(assess(dueAt)).then([reached]);
  });
  it('counts the notice from the last hard bounce', () => {
    given(dormancy, [started, warned, bounced]).when(assess('2026-07-03T23:59:59.999Z')).thenNothing();
    given(dormancy, [started, warned, bounced])
      .when(assess('2026-07-04T00:00:00.000Z'))
      .then([
        {
          ...reached,
          data: {
            ...reached.data,
            reachedAt: '2026-07-04T00:00:00.000Z',
            noticeServedAt: bounced.data.bouncedAt,
            watermark: '2026-07-04T00:00:00.000Z',
          },
        },
      ]);
  });
  it('takes a warning that came back after it was accepted for no notice served until then', () => {
    given(dormancy, [started, warned, accepted]).when(assess(dueAt)).then([reached]);
    given(dormancy, [started, warned, accepted, bounced]).when(assess(dueAt)).thenNothing();
    given(dormancy, [started, warned, accepted, bounced]).when(assess('2026-07-03T23:59:59.999Z')).thenNothing();
  });
  it('states no dormancy while a gateway may have seen use that it has not told, and warns all the same', () => {
    given(dormancy, [started, warned, accepted])
      .when(assess('2026-07-09T00:00:00.000Z', { watermark: '2026-06-30T23:59:59.999Z' }))
      .thenNothing();
    given(dormancy, [started, warned, accepted])
      .when(assess('2026-07-09T00:00:00.000Z', { watermark: null }))
      .thenNothing();
    given(dormancy, [started])
      .when(assess(warningAt, { watermark: null }))
      .then([warned]);
  });
  it('waits for what was seen between a due date and a suspension that comes later', () => {
    given(dormancy, [started, warned, bounced])
      .when(assess('2026-07-05T00:00:00.000Z', { watermark: '2026-07-03T23:59:59.999Z' }))
      .thenNothing();
  });
  it('states dormancy once', () => {
    given(dormancy, [started, warned, accepted, reached]).when(assess('2026-07-02T00:00:00.000Z')).thenNothing();
  });
  it('leaves a suspended account alone', () => {
    given(dormancy, [started, stopped]).when(assess('2036-01-01T00:00:00.000Z')).thenNothing();
  });
  it("does nothing upon a due date that is no longer the account's", () => {
    given(dormancy, [started, warned, accepted])
      .when(assess(dueAt, { lastActivity: { ...never, api: '2026-06-17T00:00:00.000Z' } }))
      .thenNothing();
  });
  it('warns anew for a new due date', () => {
    const late: LastActivity = { ...never, session: '2026-06-20T00:00:00.000Z' };
    const next = dueAtOf(running, policy, late) ?? '';
    given(dormancy, [started, warned, accepted])
      .when(assess(next, { lastActivity: late, dueAt: next, messageId: 'another' }))
      .then([
        {
          type: 'InactivityWarningIssued',
          data: { messageId: 'another', dueAt: next, issuedAt: next, suspendAt: suspendAtOf(next, next, policy) },
        },
      ]);
  });
});

describe('RecordAccepted and RecordBounced', () => {
  it('serve the notice', () => {
    given(dormancy, [started, warned])
      .when({ type: 'RecordAccepted', messageId, at: accepted.data.acceptedAt })
      .then([accepted]);
    given(dormancy, [started, warned])
      .when({ type: 'RecordBounced', messageId, bounce: 'hard', at: bounced.data.bouncedAt })
      .then([bounced]);
  });
  it('add nothing when they are repeated', () => {
    given(dormancy, [started, warned, accepted])
      .when({ type: 'RecordAccepted', messageId, at: accepted.data.acceptedAt })
      .thenNothing();
    given(dormancy, [started, warned, bounced])
      .when({ type: 'RecordBounced', messageId, bounce: 'hard', at: bounced.data.bouncedAt })
      .thenNothing();
  });
  it('are nothing for a message that is no warning', () => {
    given(dormancy, [started]).when({ type: 'RecordAccepted', messageId, at: dueAt }).thenNothing();
  });
});

// A life: days pass, something happens, and the account is looked at each time its own deadline says so or a day is over.
type Step = {
  days: number;
  does: 'nothing' | 'signIn' | 'session' | 'api' | 'accepted' | 'hard' | 'soft';
  lateMs: number;
};
const step: fc.Arbitrary<Step> = fc.record({
  days: fc.integer({ min: 0, max: 120 }),
  does: fc.constantFrom('nothing', 'nothing', 'signIn', 'session', 'api', 'accepted', 'accepted', 'hard', 'soft'),
  lateMs: fc.integer({ min: 0, max: 3 * DAY }),
});

function live(steps: readonly Step[]) {
  const events: DormancyEvent[] = [started];
  const dues: string[] = [];
  let last = never;
  let now = Date.parse(started.data.at);
  const apply = (command: DormancyCommand) => {
    const decided = dormancy.decide(command, fold(dormancy, events));
    if (!('refused' in decided)) events.push(...decided);
  };
  for (const { days, does, lateMs } of steps) {
    now += days * DAY + lateMs;
    if (does === 'signIn' || does === 'session' || does === 'api') last = { ...last, [does]: iso(now) };
    const message = fold(dormancy, events).warnings.at(-1)?.messageId;
    if (message !== undefined && does === 'accepted')
      apply({ type: 'RecordAccepted', messageId: message, at: iso(now) });
    if (message !== undefined && (does === 'hard' || does === 'soft'))
      apply({ type: 'RecordBounced', messageId: message, bounce: does, at: iso(now) });
    const due = dueAtOf(fold(dormancy, events), policy, last) ?? '';
    dues.push(due);
    apply(assess(iso(now), { lastActivity: last, dueAt: due, messageId: `message for ${due}` }));
  }
  return { events, dues, last, now };
}

it('never states dormancy without notice for that due date that was served at least 14 days before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { events } = live(steps);
      for (const event of events) {
        if (event.type !== 'DormancyReached') continue;
        const { dueAt: due, reachedAt, noticeServedAt } = event.data;
        const told = events.some(
          (e) =>
            (e.type === 'InactivityWarningAccepted' && e.data.dueAt === due && e.data.acceptedAt === noticeServedAt) ||
            (e.type === 'InactivityWarningBounced' &&
              e.data.bounce === 'hard' &&
              e.data.dueAt === due &&
              e.data.bouncedAt === noticeServedAt),
        );
        expect(told).toBe(true);
        expect(Date.parse(reachedAt) - Date.parse(noticeServedAt)).toBeGreaterThanOrEqual(14 * DAY);
        expect(reachedAt >= due).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

it('never states dormancy within the threshold after any activity', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      for (const event of live(steps).events) {
        if (event.type !== 'DormancyReached') continue;
        for (const at of Object.values(event.data.lastActivity) as (string | null)[])
          expect(Date.parse(event.data.reachedAt) - Date.parse(at ?? started.data.at)).toBeGreaterThanOrEqual(
            180 * DAY,
          );
      }
    }),
    { numRuns: 300 },
  );
});

it('warns once and states dormancy once for each due date', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { events } = live([...steps, ...steps.map((s) => ({ ...s, days: 0, lateMs: 0 }))]);
      for (const type of ['InactivityWarningIssued', 'DormancyReached'] as const) {
        const dues = events.flatMap((event) => (event.type === type ? [event.data.dueAt] : []));
        expect(new Set(dues).size).toBe(dues.length);
      }
    }),
  );
});

it('moves the due date only forward, whatever activity comes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { dues } = live(steps);
      expect(dues).toEqual([...dues].sort());
    }),
  );
});

it('never sleeps past the instant at which something is due', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 400 * DAY }), (steps, ahead) => {
      const { events, dues, last, now } = live(steps);
      const state = fold(dormancy, events);
      const [due, at] = [dues.at(-1) ?? dueAt, iso(now + ahead)];
      const decided = dormancy.decide(assess(at, { lastActivity: last, dueAt: due, messageId: 'x' }), state);
      if (!('refused' in decided) && decided.length > 0)
        expect((nextLookAt(state, policy, last, iso(now)) ?? '') <= at).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it('comes to the same state from the same facts in any order and however often', () => {
  const facts: DormancyCommand[] = [
    { type: 'StartClock', at: '2026-01-02T00:00:00.000Z', reason: 'registered' },
    { type: 'StopClock', at: '2026-03-01T00:00:00.000Z', reason: 'operator' },
    { type: 'StartClock', at: '2026-04-01T00:00:00.000Z', reason: 'reactivated' },
    { type: 'RecordAccepted', messageId, at: accepted.data.acceptedAt },
    { type: 'RecordBounced', messageId, bounce: 'hard', at: bounced.data.bouncedAt },
    { type: 'RecordBounced', messageId, bounce: 'soft', at: '2026-06-18T00:00:00.000Z' },
  ];
  const after = (list: readonly DormancyCommand[]) =>
    list.reduce<Dormancy>(
      (state, command) => {
        const decided = dormancy.decide(command, state);
        return 'refused' in decided ? state : decided.reduce((s, event) => dormancy.evolve(s, event), state);
      },
      fold(dormancy, [started, warned]),
    );
  fc.assert(
    fc.property(fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 }), (list) => {
      expect(after(list)).toEqual(after(facts));
    }),
  );
});
