import { randomBytes } from 'node:crypto';
import { openAny, seal } from './envelope.ts';

it('opens by whichever key has sealed, and by no other', () => {
  const [one, two, three] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const sealed = seal(two, 'here', Buffer.from('ada'));
  expect(openAny([one, two, three], 'here', sealed).toString()).toBe('ada');
  expect(openAny([two], 'here', sealed).toString()).toBe('ada');
  expect(() => openAny([one, three], 'here', sealed)).toThrow();
  expect(() => openAny([two, one], 'elsewhere', sealed)).toThrow();
});
