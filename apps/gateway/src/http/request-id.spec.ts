import { requestId } from './request-id.ts';

describe('the id of a request', () => {
  it('is a UUID of version 7, another for each, in the order in which they were made', () => {
    const ids = Array.from({ length: 20_000 }, requestId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    // Anew from other randomness after 4,096 in a millisecond: their order holds up to that.
    expect(ids.map((id) => id.slice(0, 13))).toEqual(ids.map((id) => id.slice(0, 13)).toSorted());
    const first = Date.now();
    expect(parseInt(requestId().replaceAll('-', '').slice(0, 12), 16)).toBeGreaterThanOrEqual(first);
  });
});
