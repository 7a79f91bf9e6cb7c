import { Metadata } from '@grpc/grpc-js';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { firstValueFrom } from 'rxjs';
import { makeLogger } from '../base/logger.ts';
import { Problem } from '../base/problem.ts';
import { RpcProblemFilter } from './rpc-problem.filter.ts';

describe('a call that failed', () => {
  async function failed(error: unknown) {
    let log = '';
    const logger = makeLogger('trace', {
      write: (line: string) => {
        log += line;
      },
    });
    const metadata = new Metadata();
    metadata.set('rollcall-correlation', 'one');
    const host = new ExecutionContextHost([undefined, metadata]);
    const told: unknown = await firstValueFrom(new RpcProblemFilter(logger).catch(error, host)).catch(
      (each: unknown) => each,
    );
    return { told: told as { code: number; details: string }, log };
  }

  it('tells its caller why they are refused, and no log', async () => {
    const { told, log } = await failed(new Problem('key/unknown', 'No key has this id.'));
    expect([told.details, log]).toEqual(['No key has this id.', '']);
  });

  it('tells the log what is our fault, and its caller nothing of it', async () => {
    const { told, log } = await failed(new Error('column "secret" does not exist'));
    expect(JSON.stringify(told)).not.toContain('secret');
    expect([told.code, log]).toEqual([13, expect.stringContaining('a call failed')]);
  });
});
