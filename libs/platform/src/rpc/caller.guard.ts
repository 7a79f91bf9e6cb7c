import { SERVICES, type ServiceName } from '#contracts';
import type { Metadata } from '@grpc/grpc-js';
import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACTOR, CALLER, header } from './call-context.ts';
import { CallerTokens, isOperator } from './caller-tokens.ts';
import { Problem } from '../base/problem.ts';

const CALLERS = 'rollcall:callers';

type Caller = ServiceName | 'operator';

/** Every service that keeps a log: the gateway, which the world reaches, is not one of them. */
export const ANY_SERVICE: readonly ServiceName[] = SERVICES.filter((service) => service !== 'gateway');

/** Which services (or operators) may call a gRPC method. A method without it refuses every caller. */
export const CallableBy = (...callers: readonly (Caller | readonly Caller[])[]): MethodDecorator & ClassDecorator =>
  SetMetadata(CALLERS, callers.flat());

/** Lets a call through only with a token of a service that the method names. */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(
    private readonly tokens: CallerTokens,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const permitted =
      this.reflector.getAllAndOverride<readonly string[] | undefined>(CALLERS, [
        context.getHandler(),
        context.getClass(),
      ]) ?? [];
    const metadata = context.getArgByIndex<Metadata>(1);
    const token = header(metadata, CALLER);
    const caller = token === undefined ? undefined : await this.tokens.caller(token);
    if (caller !== undefined && isOperator(caller) && permitted.includes('operator')) {
      // A service names the account that it acts for; an operator acts for themselves.
      metadata.set(ACTOR, caller);
      return true;
    }
    if (caller !== undefined && permitted.includes(caller)) return true;
    throw new Problem(
      'caller/not-permitted',
      caller === undefined
        ? 'The call carries no valid caller token.'
        : `${caller} is not among the callers of this method.`,
    );
  }
}
