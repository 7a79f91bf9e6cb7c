import { type DomainEvent, type RecordedEvent, START } from '#event-sourcing';
import { type Evolution, explain, shown, statesOf } from './log-reading.ts';

const AT = new Date('2026-01-01T00:00:00.000Z');
const recorded = (version: number, event: DomainEvent, sealed?: true): RecordedEvent => ({
  eventId: `e${version}`,
  streamId: 'desk-1',
  category: 'desk',
  id: '1',
  version,
  cursor: START,
  type: event.type,
  schemaVersion: 1,
  event,
  meta: { correlationId: 'c', actor: 'account:ada' },
  occurredAt: AT,
  recordedAt: AT,
  ...(sealed ? { sealed } : {}),
});
const desk: Evolution = {
  category: 'desk',
  initial: { name: 'none', token: 'a' },
  evolve: (state: object, event: DomainEvent) => ({
    ...state,
    ...event.data,
    ...(event.personal === undefined ? {} : { owner: event.personal.owner }),
  }),
};
const events = [
  recorded(1, { type: 'Named', data: { name: 'one' } }),
  recorded(2, { type: 'Named', data: { name: 'two', token: 'b' } }),
  recorded(3, { type: 'Moved', data: { place: 'here' } }, true),
];

describe('a stream for those who look from outside', () => {
  it('goes through its states, what is personal in them sealed', () => {
    expect(statesOf(events, [desk])).toEqual([
      { name: 'none', token: 'a' },
      { name: 'one', token: 'a' },
      { name: 'two', token: 'b' },
      { name: 'two', token: 'b', place: 'here', owner: '[sealed]' },
    ]);
    expect(statesOf(events, [{ ...desk, category: 'stool' }])).toBeUndefined();
  });

  it('says which event last changed a field', () => {
    expect(explain(events, [desk], 'name')).toEqual({ value: '"two"', before: '"one"', event: events[1] });
    expect(explain(events, [desk], 'place')).toEqual({ value: '"here"', before: 'null', event: events[2] });
    expect(explain(events, [], 'name')).toBeUndefined();
  });

  it('says of a field that nothing has changed that it is as it began', () => {
    expect(explain(events.slice(2), [desk], 'name')).toEqual({ value: '"none"' });
    expect(() => explain(events.slice(0, 1), [desk], 'place')).toThrow('It has: name, token.');
  });

  it('tells nothing of a secret, not even that it is another now', () => {
    expect(explain(events, [desk], 'token')).toEqual({ value: '"[masked]"' });
    expect(JSON.parse(shown(recorded(1, { type: 'A', data: { keyDigest: 'd', n: 1 } }), 's').data)).toEqual({
      keyDigest: '[masked]',
      n: 1,
    });
  });
});
