import type { RecordedEvent } from '#event-sourcing';
import { bound, issued, revoked, revokedWithNote } from './key/key.example.ts';
import { publish } from './outbox.ts';

const recorded = (event: RecordedEvent['event']) =>
  ({ id: '01890a5d-ac96-774b-bcce-b302099a8061', event }) as RecordedEvent;

describe('what is told of a key', () => {
  it("says nothing of the addresses that it works from: its holder's network is nobody else's business", () => {
    expect(publish(recorded(bound))).toEqual(publish(recorded(issued)));
  });

  it('says nothing of what whoever revoked it typed', () => {
    expect(publish(recorded(revokedWithNote))).toEqual(publish(recorded(revoked)));
  });

  it('has no digest in it', () => {
    expect(JSON.stringify(publish(recorded(issued)))).not.toContain(issued.data.digest);
  });
});
