import { given } from '#testing';
import { clock, type ClockEvent } from './clock.decider.ts';

const TEN_YEARS = 315_360_000;
const moved = (times: number) => Array.from({ length: times }, (): ClockEvent => ({ type: 'ClockAdvanced', data: { seconds: TEN_YEARS } }));

describe('AdvanceClock', () => {
  it('moves the clock', () => { given(clock, []).when({ type: 'AdvanceClock', seconds: TEN_YEARS }).then(moved(1)); });
  it('is refused where all steps together go too far', () => {
    given(clock, moved(99)).when({ type: 'AdvanceClock', seconds: TEN_YEARS }).then(moved(1));
    given(clock, moved(100)).when({ type: 'AdvanceClock', seconds: 1 }).thenRefused('request/invalid');
  });
});
