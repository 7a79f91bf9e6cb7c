import { type identity, routes } from '#contracts';
import { Peers } from '#platform';
import { Controller } from '@nestjs/common';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import { Cookies } from '../edge/cookies.ts';
import { visitOf } from '../edge/visit.ts';
import { answerStep, halfView } from '../account/step.ts';

type HalfAsk = Pick<Ask<typeof routes.proveByCode>, 'half' | 'request' | 'reply' | 'context'>;

/** A sign-in that waits for another proof. */
@Controller()
export class HalfController {
  constructor(
    private readonly peers: Peers,
    private readonly cookies: Cookies,
  ) {}

  @Serve(routes.getHalf)
  show(@Asked() { half }: Ask<typeof routes.getHalf>) {
    return halfView(half);
  }

  @Serve(routes.proveByCode)
  byCode(@Asked() ask: Ask<typeof routes.proveByCode>) {
    return this.prove(ask, { totp: ask.body.code });
  }

  @Serve(routes.proveByRecoveryCode)
  byRecoveryCode(@Asked() ask: Ask<typeof routes.proveByRecoveryCode>) {
    return this.prove(ask, { recoveryCode: ask.body.code });
  }

  @Serve(routes.proveByPassword)
  byPassword(@Asked() ask: Ask<typeof routes.proveByPassword>) {
    return this.prove(ask, { password: ask.body.password });
  }

  @Serve(routes.endHalf)
  async end(@Asked() { half, reply, context }: Ask<typeof routes.endHalf>) {
    await this.peers.of('identity', 'SignIns').endHalf({ halfToken: half.token }, context);
    this.cookies.endHalf(reply);
    return {};
  }

  private async prove({ half, request, reply, context }: HalfAsk, proof: identity.Proof) {
    const step = await this.peers
      .of('identity', 'SignIns')
      .proveHalf({ halfToken: half.token, proof, visit: visitOf(request, this.cookies) }, context);
    return answerStep(step, reply, this.cookies);
  }
}
