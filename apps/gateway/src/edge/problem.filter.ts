import { errorFields, type Logger } from '#platform';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem, toProblem } from '../http/problem-reply.ts';

/** The one place where a failure becomes an answer. Our own faults are logged here; the caller learns no detail of them. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const problem = toProblem(error);
    if (!problem) this.logger.error({ requestId: request.id, ...errorFields(error) }, 'a request failed');
    sendProblem(request, host.switchToHttp().getResponse<FastifyReply>(), problem);
  }
}
