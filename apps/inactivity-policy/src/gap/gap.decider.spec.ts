import { given } from '#testing';
import { gap, type GapEvent } from './gap.decider.ts';

const data = {
  since: '2026-03-01T10:00:00.000Z',
  kept: 2,
  reason: 'no traffic that night',
  closedBy: 'operator:ada',
  closedAt: '2026-03-02T08:00:00.000Z',
};
const closed: GapEvent = { type: 'GapClosed', data };

describe('CloseGap', () => {
  it('keeps who closed which gap, when and why', () => {
    given(gap, [])
      .when({ type: 'CloseGap', ...data })
      .then([closed]);
  });
  it('keeps the first reason when it is repeated', () => {
    given(gap, [closed])
      .when({ type: 'CloseGap', ...data, reason: 'another', closedAt: '2026-03-03T08:00:00.000Z' })
      .thenNothing();
  });
  it('closes a later gap of a process that came back', () => {
    const later = { ...data, since: '2026-03-04T10:00:00.000Z' };
    given(gap, [closed])
      .when({ type: 'CloseGap', ...later })
      .then([{ type: 'GapClosed', data: later }]);
  });
});
