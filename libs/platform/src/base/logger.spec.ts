import { Writable } from 'node:stream';
import { errorFields, makeLogger } from './logger.ts';
import pg from 'pg';

const CANARY = 'canary@example.com';

/** The error that `work` throws. */
function thrown(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('the log', () => {
  const written: string[] = [];
  const logger = makeLogger(
    'trace',
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written.push(chunk.toString());
        done();
      },
    }),
  );
  beforeEach(() => {
    written.length = 0;
  });

  it('stops nobody where it cannot be written', () => {
    // A device that is always full.
    const full = makeLogger('info', '/dev/full');
    expect(() => {
      for (let i = 0; i < 10; i++) full.warn({ i }, 'no room for this');
    }).not.toThrow();
  });

  it('T-PII-4 masks fields that may hold secrets or say who somebody is, should one get there', () => {
    const fields = {
      password: CANARY,
      token: CANARY,
      secret: CANARY,
      authorization: CANARY,
      cookie: CANARY,
      email: CANARY,
      name: CANARY,
      network: CANARY,
      sessionToken: CANARY,
      digest: CANARY,
    };
    logger.warn(fields, 'said');
    logger.warn({ request: fields }, 'said');
    expect(written).toHaveLength(2);
    expect(written.join('')).not.toContain(CANARY);
  });

  it.each([
    [
      'a database that quotes a bad value',
      Object.assign(new pg.DatabaseError(`invalid input syntax for type uuid: "${CANARY}"`, 1, 'error'), {
        code: '22P02',
        detail: CANARY,
      }),
    ],
    [
      'a database that quotes a row',
      Object.assign(new pg.DatabaseError('duplicate key value violates unique constraint "x"', 1, 'error'), {
        code: '23505',
        detail: `Key (email)=(${CANARY}) already exists.`,
      }),
    ],
    ['a parser that quotes its text', thrown(() => JSON.parse(CANARY))],
    [
      'a mail server that quotes the address',
      Object.assign(new Error(`Can't send mail - all recipients were rejected: 550 5.1.1 <${CANARY}>: unknown`), {
        response: CANARY,
        rejected: [CANARY],
      }),
    ],
    ['a message of several lines', new Error(`something is wrong:\n${CANARY}\nand so on`)],
  ])('T-PII-4 says what went wrong without %s', (_who, error) => {
    logger.error(errorFields(error), 'failed');
    expect(written.join('')).toMatch(/"error":"\w+","message":"[^"]{10}/);
    expect(written.join('')).toContain('"stack":["at ');
    expect(written.join('')).not.toContain(CANARY);
  });
});
