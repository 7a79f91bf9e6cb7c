import { isEmail } from './email.ts';

describe('a mail address', () => {
  it.each([
    'ada@example.com',
    'a.b+c=d@sub.example.co.uk',
    "o'brien@example.museum",
    'ada@bücher.example',
    'ada@xn--bcher-kva.example',
    'ada@пример.рф',
    `${'a'.repeat(64)}@example.com`,
    `ada@${'a'.repeat(63)}.example`,
    `ada@${`${'a'.repeat(49)}.`.repeat(4)}${'b'.repeat(45)}.com`,
  ])('%s is one', (text) => {
    expect(isEmail(text)).toBe(true);
  });

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@localhost',
    'ada@example..com',
    'ada@-example.com',
    'ada@127.0.0.1',
    'ada@１２７.0.0.1',
    'ada@bücher.example/x',
    'ada@bücher.example:25',
    'ada@bü cher.example',
    'ada@bü%63her.example',
    '.ada@example.com',
    'ada.@example.com',
    'a..b@example.com',
    'ada lovelace@example.com',
    'ada@example.com\nbcc:x@example.com',
    'a@b@example.com',
    'ädä@example.com',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'a'.repeat(64)}.example`,
    // 63 characters as it is written, and more as DNS has it.
    `ada@${'ü'.repeat(63)}.example`,
    `ada@${`${'a'.repeat(49)}.`.repeat(5)}com`,
  ])('%j is none', (text) => {
    expect(isEmail(text)).toBe(false);
  });
});
