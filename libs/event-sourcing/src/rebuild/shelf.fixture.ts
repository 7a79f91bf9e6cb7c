import { type DomainEvent, type EventStore, rowProjection, table } from '#event-sourcing';
import { v7 as uuid } from 'uuid';
import { cause } from '../desk.fixture.ts';

/** Shelves with books on them, as an example of read models: a row a shelf, a row a book. */
export type ShelfEvent =
  | { type: 'ShelfPut'; data: { name: string } }
  | { type: 'BookAdded'; data: { book: string; tags: string[] } }
  | { type: 'BookRead'; data: { book: string } }
  | { type: 'ShelfCleared'; data: object };

const SHELVES = table('shelves', { shelf_id: 'uuid', name: 'text', last_at: 'timestamptz' }, 'shelf_id');
const BOOKS = table('books', { shelf_id: 'uuid', book: 'text', tags: 'text[]', read: 'boolean' }, 'shelf_id', 'book');

export const shelfSchema: readonly string[] = [
  'CREATE TABLE shelves (shelf_id uuid PRIMARY KEY, name text NOT NULL, last_at timestamptz)',
  'CREATE INDEX shelves_name ON shelves (name)',
  'CREATE TABLE books (shelf_id uuid NOT NULL, book text NOT NULL, tags text[] NOT NULL, read boolean NOT NULL CHECK (read IS NOT NULL), PRIMARY KEY (shelf_id, book))',
];

export const shelves = rowProjection<ShelfEvent>({
  name: 'shelves-1',
  categories: ['shelf'],
  tables: [SHELVES, BOOKS],
  change(rows, { id, event, occurredAt }) {
    const shelf = { shelf_id: id };
    switch (event.type) {
      case 'ShelfPut':
        rows.put(SHELVES, { ...shelf, name: event.data.name, last_at: null });
        return;
      case 'BookAdded':
        rows.put(BOOKS, { ...shelf, book: event.data.book, tags: event.data.tags, read: false });
        return;
      case 'BookRead':
        rows.patch(BOOKS, { ...shelf, book: event.data.book }, { read: true });
        rows.patch(SHELVES, shelf, { last_at: occurredAt });
        return;
      case 'ShelfCleared':
        rows.remove(BOOKS, shelf);
    }
  },
});

/** The next event of a shelf that has had so many: all that can befall it, with what is hard to carry in a text. */
export function nextEvent(version: number): ShelfEvent & DomainEvent {
  if (version === 0) return { type: 'ShelfPut', data: { name: `odd "name"\\\t${uuid().slice(0, 4)}\n` } };
  if (version % 11 === 0) return { type: 'ShelfCleared', data: {} };
  return version % 3 === 0
    ? { type: 'BookRead', data: { book: `book ${version - 1}` } }
    : { type: 'BookAdded', data: { book: `book ${version}`, tags: ['a,b', '"c"\\', ''].slice(0, version % 4) } };
}

/** Appends to shelves, many at a time, until told to stop; answers how many events it has added. Every failure but a conflict is thrown. */
export async function keepAppending(store: EventStore, writers: number, stopped: () => boolean): Promise<number> {
  const counts = await Promise.all(
    Array.from({ length: writers }, async () => {
      let added = 0;
      while (!stopped()) {
        const streamId = `shelf-${uuid()}`;
        for (let version = 0; version < 25 && !stopped(); version++) {
          await store.append({ streamId, expectedVersion: version, events: [nextEvent(version)], cause: cause() });
          added++;
        }
      }
      return added;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Adds whole shelves quickly, several events an append. */
export async function addShelves(store: EventStore, count: number, events = 20): Promise<void> {
  for (let at = 0; at < count; at += 16) {
    await Promise.all(
      Array.from({ length: Math.min(16, count - at) }, () =>
        store.append({
          streamId: `shelf-${uuid()}`,
          expectedVersion: 0,
          events: Array.from({ length: events }, (_, version) => nextEvent(version)),
          cause: cause(),
        }),
      ),
    );
  }
}
