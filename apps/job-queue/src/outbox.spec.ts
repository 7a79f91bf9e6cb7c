import { factKind } from '#contracts';
import { START, type RecordedEvent } from '#event-sourcing';
import type { JobEvent } from './job/job.decider.ts';
import { publish } from './outbox.ts';

const id = '01890a5d-ac96-774b-bcce-b302099a8057';
const recorded = (event: JobEvent): RecordedEvent => ({
  eventId: id,
  streamId: `job-${id}`,
  category: 'job',
  id,
  version: 1,
  cursor: START,
  type: event.type,
  schemaVersion: 1,
  event,
  meta: { correlationId: 'c', actor: 'service:test' },
  occurredAt: new Date(0),
  recordedAt: new Date(0),
});

describe('the outbox', () => {
  it.each<[JobEvent, string]>([
    [
      { type: 'JobSubmitted', data: { projectId: id, accountId: id, keyId: id, backend: 'simulator', childIds: [] } },
      'JobSubmitted.v1',
    ],
    [{ type: 'JobCompleted', data: { projectId: id, executionMs: 3 } }, 'JobCompleted.v1'],
    [{ type: 'JobFailed', data: { projectId: id, code: 'simulator/timeout', detail: 'Too long.' } }, 'JobFailed.v1'],
    [{ type: 'JobCanceled', data: { projectId: id } }, 'JobCanceled.v1'],
  ])('tells a fact of the shape that was promised (%#)', (event, name) => {
    const told = publish(recorded(event));
    expect(told).toMatchObject({ name });
    if (told !== 'private') expect(factKind(name)?.schema.parse(told.data)).toEqual(told.data);
  });

  it('keeps starts and deletions inside', () => {
    expect(publish(recorded({ type: 'JobStarted', data: { attempt: 1 } }))).toBe('private');
    expect(publish(recorded({ type: 'JobDeleted', data: {} }))).toBe('private');
  });
});
