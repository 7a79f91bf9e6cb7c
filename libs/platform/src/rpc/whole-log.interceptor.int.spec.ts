import { LogProof, type LogProofOptions, logSchema, OlderLog, UnknownLog } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { lastValueFrom, of, tap } from 'rxjs';
import { WhateverTheLog, WholeLogInterceptor } from './whole-log.interceptor.ts';

class Methods {
  judge() {
    /* not called */
  }

  @WhateverTheLog()
  look() {
    /* not called */
  }
}

describe('a log that is not known to be whole', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(logSchema);
  });
  afterAll(() => database.drop());

  function service(bus: LogProofOptions['bus']) {
    const log = new LogProof({ sql: () => database.pool, bus, mend: 'Bring it back' });
    const interceptor = new WholeLogInterceptor(log, new Reflector());
    let asked = 0;
    const call = async (method: keyof Methods, meanwhile: () => void = () => undefined) => {
      const context = {
        getHandler: () => Object.getOwnPropertyDescriptor(Methods.prototype, method)?.value as unknown,
        getClass: () => Methods,
      } as unknown as ExecutionContext;
      const handle = () => {
        asked++;
        return of('answer').pipe(tap(meanwhile));
      };
      return interceptor
        .intercept(context, { handle })
        .then((answer) => lastValueFrom(answer))
        .catch((error: unknown) => (error as Error).name);
    };
    return { log, call, asked: () => asked };
  }

  it('judges nobody, and does not even begin to', async () => {
    const { call, asked } = service(() => Promise.resolve('ahead'));
    expect([await call('judge'), asked()]).toEqual(['OlderLog', 0]);
  });

  it('answers those who look at it and mend it', async () => {
    const { call } = service(() => Promise.resolve('ahead'));
    expect(await call('look')).toBe('answer');
  });

  it('judges when it is whole', async () => {
    expect(await service(() => Promise.resolve('none')).call('judge')).toBe('answer');
  });

  it('tells nobody what was judged by a server that was replaced in between', async () => {
    const { log, call, asked } = service(() => Promise.resolve('none'));
    const replace = () => {
      Object.defineProperty(log, 'fault', { get: () => new OlderLog('it was replaced') });
    };
    expect([await call('judge', replace), asked()]).toEqual(['OlderLog', 1]);
  });

  it('is looked at anew when a statement has found another server than it was proved on', async () => {
    const { log, call } = service(() => Promise.resolve('none'));
    expect(await call('judge')).toBe('answer');
    const refuse = () => {
      throw Object.assign(new Error('not proved'), { code: 'RC006' });
    };
    expect(await call('judge', refuse)).toBe('Error');
    expect(log.fault).toBeInstanceOf(UnknownLog);
    expect(await call('judge')).toBe('answer');
  });
});
