import { type identity, routes } from '#contracts';
import { Peers, SERVICE_CONFIG } from '#platform';
import { Controller, Inject } from '@nestjs/common';
import { passkeyOptions, passkeyProof } from '../account/passkeys.ts';
import type { GatewayConfig } from '../config.ts';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import { Cookies } from '../edge/cookies.ts';
import { visitOf } from '../edge/visit.ts';
import { Arrivals } from '../account/arrivals.ts';
import { halfView } from '../account/step.ts';

type HalfAsk = Pick<Ask<typeof routes.proveByCode>, 'half' | 'request' | 'reply' | 'context'>;

/** A sign-in that waits for another proof. */
@Controller()
export class HalfController {
  constructor(
    private readonly peers: Peers,
    private readonly cookies: Cookies,
    private readonly arrivals: Arrivals,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
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

  @Serve(routes.askHalfPasskey)
  async askPasskey(@Asked() { half, context }: Ask<typeof routes.askHalfPasskey>) {
    const { origin } = this.config;
    const signIns = this.peers.of('identity', 'SignIns');
    return passkeyOptions(await signIns.askPasskey({ origin, halfToken: half.token }, context));
  }

  @Serve(routes.proveByPasskey)
  byPasskey(@Asked() ask: Ask<typeof routes.proveByPasskey>) {
    return this.prove(ask, passkeyProof(ask.body.response, this.config));
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
    return this.arrivals.answer(step, reply, context);
  }
}
