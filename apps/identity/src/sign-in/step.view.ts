import type { identity } from '#contracts';
import { Clock, type Rpc, tellSeen } from '#platform';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { AddressBook } from '../email-address/address-book.ts';
import type { Purpose } from './next.ts';
import type { Asked, Step } from './sign-in.service.ts';
import { signedIn } from './signed-in.query.ts';

/** What a proof came to, as the proto tells it. */
@Injectable()
export class StepView {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly addresses: AddressBook,
  ) {}

  async told(step: Step, purpose: Purpose, call: Rpc): Promise<identity.SignInStep> {
    if ('asked' in step) return { signedIn: undefined, half: halfView(step.asked, purpose) };
    tellSeen(call, ...step.begun.handled);
    return {
      signedIn: await signedIn(this.pool, this.addresses.domainKey, step.begun, this.clock.now()),
      half: undefined,
    };
  }
}

/** A sign-in that waits for another proof. */
export const halfView = ({ next, accepts, endsAt, token }: Asked, purpose: Purpose): identity.HalfSession => ({
  purpose,
  next,
  accepts: [...accepts],
  endsAt: endsAt.toISOString(),
  ...(token === undefined ? {} : { halfToken: token }),
});
