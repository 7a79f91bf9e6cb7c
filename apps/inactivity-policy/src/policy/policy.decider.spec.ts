import { given } from '#testing';
import { policy, type PolicyEvent } from './policy.decider.ts';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-02-01T00:00:00.000Z';
const adopted: PolicyEvent = {
  type: 'PolicyAdopted',
  data: { version: 1, thresholdDays: 180, noticeDays: 14, effectiveAt: AT },
};

describe('AdoptPolicy', () => {
  it('makes the first version', () => {
    given(policy, []).when({ type: 'AdoptPolicy', thresholdDays: 180, noticeDays: 14, at: AT }).then([adopted]);
  });
  it('keeps the instant from which it holds when nothing changed', () => {
    given(policy, [adopted]).when({ type: 'AdoptPolicy', thresholdDays: 180, noticeDays: 14, at: LATER }).thenNothing();
  });
  it('makes the next version of changed figures, effective from now', () => {
    given(policy, [adopted])
      .when({ type: 'AdoptPolicy', thresholdDays: 90, noticeDays: 14, at: LATER })
      .then([{ type: 'PolicyAdopted', data: { version: 2, thresholdDays: 90, noticeDays: 14, effectiveAt: LATER } }]);
  });
});
