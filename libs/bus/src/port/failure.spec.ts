import { Refused, refuse, VersionConflict } from '#event-sourcing';
import { describe as told, isTransient } from './failure.ts';

const withCode = (code: string | number, message = 'it failed') => Object.assign(new Error(message), { code });

describe('failures', () => {
  it.each([
    '40001',
    '40P01',
    '08006',
    '53300',
    '55P03',
    '57014',
    '57P01',
    '57P03',
    '25P03',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    14,
  ])('%s can pass: it is tried for ever', (code) => {
    expect(isTransient(withCode(code))).toBe(true);
  });

  it.each(['23505', '22P02', '42P01', 'RC002', 5])('%s stays: it is tried three times and parked', (code) => {
    expect(isTransient(withCode(code))).toBe(false);
  });

  it('knows lost connections and overtaken commands, also as the cause of something else', () => {
    expect(isTransient(new VersionConflict('key-1', 2))).toBe(true);
    expect(isTransient(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isTransient(new Error('outer', { cause: withCode('57P01') }))).toBe(true);
    expect(isTransient(new Refused(refuse('service/unavailable', 'later')))).toBe(true);
    expect(isTransient(new Refused(refuse('key/unknown', 'no')))).toBe(false);
    expect(isTransient('a string')).toBe(false);
  });

  it('tells kind and message but never the details, which quote data', () => {
    expect(told(Object.assign(withCode('23505', 'duplicate key'), { detail: 'Key (x)=(secret) exists' }))).toBe(
      'Error 23505: duplicate key',
    );
  });
});
