import { v7 as uuid } from 'uuid';
import { categoryOf, type EventRow, idOf, isUuid, recorded } from './row.ts';

describe('the name of a stream', () => {
  const id = uuid();
  it.each([
    [`key-${id}`, 'key', id],
    [`api-key-${id}`, 'api-key', id],
    [`api-key-${id.toUpperCase()}`, 'api-key', id.toUpperCase()],
    ['clock-installation', 'clock', 'installation'],
    ['clock-of-the-installation', 'clock', 'of-the-installation'],
    // Long enough to look like a UUID by its length alone.
    ['slug-a-very-long-name-of-an-organization-x', 'slug', 'a-very-long-name-of-an-organization-x'],
    ['lonely', 'lonely', ''],
  ])('%s is of category %s', (streamId, category, itsId) => {
    expect(categoryOf(streamId)).toBe(category);
    expect(idOf(streamId, category)).toBe(itsId);
  });
});

describe('a row as an event', () => {
  const id = uuid();
  const row: EventRow = {
    txid: '18446744073709551615',
    pos: '9007199254740993',
    stream_id: `api-key-${id}`,
    version: 3,
    type: 'KeyRenamed',
    schema_version: 2,
    event_id: uuid(),
    data: { name: 'laptop' },
    personal: null,
    meta: { correlationId: 'c', actor: 'service:test' },
    occurred_at: new Date('2026-01-01T00:00:00.000Z'),
    recorded_at: new Date('2026-01-01T00:00:01.000Z'),
    log_epoch: 4,
  };
  const sealed = { ...row, personal: Buffer.from('sealed') };

  it('says what happened, where in the log and in its stream, and when', () => {
    expect(recorded(row)).toStrictEqual({
      eventId: row.event_id,
      streamId: row.stream_id,
      category: 'api-key',
      id,
      version: 3,
      // Beyond what a number of JavaScript holds.
      cursor: { epoch: 4, txid: 18446744073709551615n, pos: 9007199254740993n },
      type: 'KeyRenamed',
      schemaVersion: 2,
      event: { type: 'KeyRenamed', data: row.data },
      meta: row.meta,
      occurredAt: row.occurred_at,
      recordedAt: row.recorded_at,
    });
  });

  it('has what was sealed where it could be opened, and says where it could not', () => {
    const opened = recorded(sealed, { name: 'Ada' });
    expect(opened.event).toStrictEqual({ type: 'KeyRenamed', data: row.data, personal: { name: 'Ada' } });
    expect(opened).not.toHaveProperty('sealed');
    expect(recorded(sealed)).toMatchObject({ sealed: true, event: { type: 'KeyRenamed', data: row.data } });
    expect(recorded(sealed).event).not.toHaveProperty('personal');
  });
});

it('an id is a UUID in small letters, alone', () => {
  const id = uuid();
  expect([id, id.toUpperCase(), `${id}-`, ` ${id}`, id.slice(1), '', undefined, [id]].map(isUuid)).toEqual([
    true,
    ...Array.from({ length: 7 }, () => false),
  ]);
});
