import { given } from '#testing';
import fc from 'fast-check';
import { clock, CLOCK_MAX_MS, type ClockEvent } from './clock.decider.ts';

const machine = '2026-11-29T00:00:00.000Z';
const TEN_YEARS = 315_360_000;
const moved = (seconds: number): ClockEvent => ({ type: 'ClockAdvanced', data: { seconds } });

describe('AdvanceClock', () => {
  it('moves the clock forward, again and again', () => {
    given(clock, [moved(60)])
      .when({ type: 'AdvanceClock', seconds: 60, machine })
      .then([{ type: 'ClockAdvanced', data: { seconds: 60 } }]);
  });
  it('moves to the last instant that has four digits a year later, and not a second beyond', () => {
    const left = (Date.parse('9998-12-31T00:00:00.000Z') - Date.parse(machine)) / 1_000;
    given(clock, [])
      .when({ type: 'AdvanceClock', seconds: left, machine })
      .then([moved(left)]);
    given(clock, [moved(60)])
      .when({ type: 'AdvanceClock', seconds: left - 60, machine })
      .then([moved(left - 60)]);
    given(clock, [moved(60)])
      .when({ type: 'AdvanceClock', seconds: left - 59, machine })
      .thenRefused('request/invalid');
    expect(clock.decide({ type: 'AdvanceClock', seconds: left + 1, machine }, clock.initial)).toMatchObject({
      facts: { fields: [{ pointer: '/seconds' }] },
    });
  });
  it('is refused where all steps together would leave the years of four digits', () => {
    const steps = Array.from({ length: 797 }, () => moved(TEN_YEARS));
    given(clock, steps).when({ type: 'AdvanceClock', seconds: TEN_YEARS, machine }).thenRefused('request/invalid');
  });
  it('never gets beyond, whatever the steps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: TEN_YEARS }), { maxLength: 2_000 }), (steps) => {
        let state = clock.initial;
        for (const seconds of steps) {
          const decision = clock.decide({ type: 'AdvanceClock', seconds, machine }, state);
          if (Array.isArray(decision)) for (const event of decision as ClockEvent[]) state = clock.evolve(state, event);
        }
        expect(Date.parse(machine) + state.offsetMs).toBeLessThanOrEqual(CLOCK_MAX_MS);
      }),
      { numRuns: 20 },
    );
  });
});
