import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';
import { errorFields, type Logger } from '../base/logger.ts';
import { internalGrpcError, problemOf, toGrpcError } from '../base/problem.ts';

/** The one place where a failure becomes a gRPC error. What is not a refusal is our fault: logged here, told to nobody. */
@Catch()
export class RpcProblemFilter implements RpcExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown): Observable<never> {
    const problem = problemOf(error);
    if (!problem) this.logger.error(errorFields(error), 'a call failed');
    return throwError(() => (problem ? toGrpcError(problem) : internalGrpcError));
  }
}
