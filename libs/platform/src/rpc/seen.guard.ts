import { Metadata } from '@grpc/grpc-js';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type Rpc, SEEN, STALE, header } from './call-context.ts';
import { Projections } from '../parts/projections.ts';

const WAIT_MAX_MS = 1_000;

/** Read your writes: a read that carries what its caller has seen waits for it, and says so when it would not wait longer. */
@Injectable()
export class SeenGuard implements CanActivate {
  constructor(private readonly projections: Projections) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const seen = header(context.getArgByIndex<Metadata>(1), SEEN);
    if (seen === undefined || (await this.projections.reached(seen, WAIT_MAX_MS))) return true;
    const stale = new Metadata();
    stale.set(STALE, 'true');
    context.getArgByIndex<Rpc>(2).sendMetadata(stale);
    return true;
  }
}
