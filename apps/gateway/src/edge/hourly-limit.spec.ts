import { HourlyLimit } from './hourly-limit.ts';

describe('HourlyLimit', () => {
  let now = new Date('2026-01-01T00:10:00Z');
  const limit = new HourlyLimit(2, { now: () => now });

  it('refuses what is too much from one network, and says when to come back', () => {
    limit.require('a');
    limit.require('a');
    expect(() => { limit.require('a'); }).toThrow(expect.objectContaining({ code: 'request/rate-limited', facts: { retryAfterSeconds: 3_000 } }) as Error);
  });
  it('does not let one network spend what another has', () => { limit.require('b'); });
  it('begins anew with the next hour', () => {
    now = new Date('2026-01-01T01:00:00Z');
    limit.require('a');
  });
});
