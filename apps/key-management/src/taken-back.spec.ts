import type { Fact } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import { expiring, issued, leakReported, renamed, revoked, revokedWithNote, rotated } from './key/key.example.ts';
import { publish } from './outbox.ts';
import { takenBack } from './taken-back.ts';

const told = (event: RecordedEvent['event']) =>
  publish({ id: '01890a5d-ac96-774b-bcce-b302099a8061', event } as RecordedEvent) as Fact;

describe('what was told of a key', () => {
  it.each([rotated, renamed, revoked, expiring, leakReported])('comes back as it was decided: $type', (event) => {
    expect(takenBack(told(event))).toEqual(event);
  });

  it('comes back without what nobody was told: the note of a revocation, and a key that nothing would know', () => {
    expect([takenBack(told(revokedWithNote)), takenBack(told(issued))]).toEqual([revoked, undefined]);
  });
});
