import { logFault, LogProof } from '#event-sourcing';
import {
  type CallHandler,
  type CustomDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { catchError, map, type Observable } from 'rxjs';

const WHATEVER_THE_LOG = 'rollcall:whatever-the-log';

/** Answers also when the log is not known to be whole: for those who look at it and mend it. */
export const WhateverTheLog = (): CustomDecorator => SetMetadata(WHATEVER_THE_LOG, true);

/** What rests on a log; where a statement of it finds another server than the log was proved on, the log is looked at anew. */
export async function doubting<T>(log: LogProof, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (logFault(error)) log.doubt();
    throw error;
  }
}

/**
 * A log that is not known to be whole answers no question: what it lacks may be a revocation, or the end of a session. Asked before and
 * again when the answer is there, because the server may have been replaced in between.
 */
@Injectable()
export class WholeLogInterceptor implements NestInterceptor {
  constructor(
    private readonly log: LogProof,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (
      this.reflector.getAllAndOverride<boolean | undefined>(WHATEVER_THE_LOG, [
        context.getHandler(),
        context.getClass(),
      ]) === true
    )
      return next.handle();
    await this.log.require();
    return next.handle().pipe(
      catchError((error: unknown) => {
        if (logFault(error)) this.log.doubt();
        throw error;
      }),
      map((answer: unknown) => {
        this.log.assert();
        return answer;
      }),
    );
  }
}
