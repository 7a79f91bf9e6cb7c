import type { Metadata } from '@grpc/grpc-js';
import { type ArgumentsHost, Catch, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';
import { errorFields, type Logger } from '../base/logger.ts';
import { internalGrpcError, problemOf, toGrpcError } from '../base/problem.ts';
import { correlationOf } from './call-context.ts';

/** The one place where a failure becomes a gRPC error. All but refusals are our fault: logged here, without detail for the caller. */
@Catch()
export class RpcProblemFilter implements RpcExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> {
    const problem = problemOf(error);
    if (problem) return throwError(() => toGrpcError(problem));
    const correlationId = correlationOf(host.switchToRpc().getContext<Metadata>());
    this.logger.error({ correlationId, ...errorFields(error) }, 'a call failed');
    return throwError(() => internalGrpcError(correlationId));
  }
}
