import { v7 as uuid } from 'uuid';
import { categoryOf, idOf } from './row.ts';

describe('the name of a stream', () => {
  const id = uuid();
  it.each([
    [`key-${id}`, 'key', id],
    [`api-key-${id}`, 'api-key', id],
    [`key-${id.toUpperCase()}`, 'key', id.toUpperCase()],
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
