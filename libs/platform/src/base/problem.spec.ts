import { CommandReused, OlderLog, Refused, UnknownLog, VersionConflict } from '#event-sourcing';
import { Metadata, status } from '@grpc/grpc-js';
import { DatabaseError } from 'pg';
import { fromGrpcError, internalGrpcError, Problem, problemOf, toGrpcError } from './problem.ts';

const sql = (code: string, message = 'Ada said it') => Object.assign(new DatabaseError(message, 0, 'error'), { code });
const withCode = (code: string) => Object.assign(new Error('connect'), { code });

describe('a failure as its caller sees it', () => {
  it.each([
    [new Problem('key/unknown', 'No key.'), 'key/unknown'],
    [new Refused({ refused: 'key/unknown', detail: 'No key.' }), 'key/unknown'],
    [new CommandReused('c'), 'request/key-reused'],
    [new VersionConflict('key-1', 3), 'service/busy'],
    [sql('40001'), 'service/busy'],
    [sql('22021'), 'request/invalid'],
    [sql('22P05'), 'request/invalid'],
    [sql('22P02', 'invalid input syntax for type json'), 'request/invalid'],
    [new Error('timeout exceeded when trying to connect'), 'service/busy'],
    [sql('57P01'), 'service/unavailable'],
    [sql('08006'), 'service/unavailable'],
    [sql('53300'), 'service/unavailable'],
    [withCode('ECONNREFUSED'), 'service/unavailable'],
    [new Error('Connection terminated unexpectedly'), 'service/unavailable'],
  ])('is a problem that they can do something about (%#)', (error, code) => {
    expect(problemOf(error)?.code).toBe(code);
  });

  it.each([
    sql('22P02', 'invalid input syntax for type uuid'),
    sql('23505'),
    sql('42P01'),
    new Error('Ada said it'),
    new TypeError('x is undefined'),
    'thrown text',
    undefined,
  ])('is none of theirs where the fault is ours (%#)', (error) => {
    expect(problemOf(error)).toBeUndefined();
  });

  it('says when to ask again where a log is not known to be whole', () => {
    const known = [new UnknownLog('nothing is known'), new OlderLog('it is older')].map(problemOf);
    expect(known.map((problem) => [problem?.code, problem?.detail, problem?.facts.retryAfterSeconds])).toEqual([
      ['log/unproven', 'Nothing is known.', 2],
      ['log/older', 'It is older.', 60],
    ]);
  });
});

describe('a problem between services', () => {
  const heard = (sent: { code: number; details: string; metadata: Metadata }) =>
    fromGrpcError({ name: 'Error', message: sent.details, ...sent }, 'identity');

  it('arrives as it was sent, with its facts', () => {
    const sent = new Problem('key/unknown', 'Kein Schlüssel – “none”.', { retryAfterSeconds: 3, of: 'ä' });
    expect(heard(toGrpcError(sent))).toEqual(sent);
    expect(heard(toGrpcError(sent))).toMatchObject({ code: sent.code, detail: sent.detail, facts: sent.facts });
  });

  it.each([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED])(
    'is a service that does not answer where it did not: status %s',
    (code) => {
      expect(heard({ code, details: 'no', metadata: new Metadata() })).toMatchObject({
        code: 'service/unavailable',
        facts: { retryAfterSeconds: 2 },
      });
    },
  );

  it('is our own fault in all else, and says to the log which service failed and where it tells of it', () => {
    const error = heard({ ...internalGrpcError('c-1'), metadata: new Metadata() });
    expect(error).not.toBeInstanceOf(Problem);
    expect(error.message).toMatch(/^identity .*INTERNAL.*c-1/);
    const invented = new Metadata();
    invented.set('rollcall-problem', 'no/such-problem');
    expect(heard({ code: status.INTERNAL, details: '', metadata: invented })).not.toBeInstanceOf(Problem);
  });
});
