import { type AnswerOf, routes } from '#contracts';
import { Peers } from '#platform';
import { Controller } from '@nestjs/common';
import { Arrivals } from '../account/arrivals.ts';
import { halfView } from '../account/step.ts';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import { Cookies } from '../edge/cookies.ts';
import { networkOf } from '../edge/network.ts';
import { visitOf } from '../edge/visit.ts';

type Wished = Pick<Ask<typeof routes.requestReset>, 'body' | 'request' | 'context'>;
type Opened = Pick<Ask<typeof routes.openReset>, 'body' | 'reply' | 'context'>;
type Completed = Pick<Ask<typeof routes.completeReactivation>, 'half' | 'body' | 'request' | 'reply' | 'context'>;

/** Ways back to an account, and what mailed links do. */
@Controller()
export class RecoveriesController {
  constructor(
    private readonly peers: Peers,
    private readonly cookies: Cookies,
    private readonly arrivals: Arrivals,
  ) {}

  @Serve(routes.requestReset)
  requestReset(@Asked() ask: Ask<typeof routes.requestReset>) {
    return this.wish('reset', ask);
  }

  @Serve(routes.openReset)
  openReset(@Asked() ask: Ask<typeof routes.openReset>) {
    return this.open('reset', ask);
  }

  @Serve(routes.completeReset)
  completeReset(@Asked() ask: Ask<typeof routes.completeReset>) {
    return this.complete(ask);
  }

  @Serve(routes.requestReactivation)
  requestReactivation(@Asked() ask: Ask<typeof routes.requestReactivation>) {
    return this.wish('reactivation', ask);
  }

  @Serve(routes.openReactivation)
  openReactivation(@Asked() ask: Ask<typeof routes.openReactivation>) {
    return this.open('reactivation', ask);
  }

  @Serve(routes.completeReactivation)
  completeReactivation(@Asked() ask: Ask<typeof routes.completeReactivation>) {
    return this.complete(ask);
  }

  @Serve(routes.lookAddress)
  async lookAddress(
    @Asked() { body, context }: Ask<typeof routes.lookAddress>,
  ): Promise<AnswerOf<typeof routes.lookAddress>> {
    const { does, maskedEmail: email } = await this.recoveries.lookAddressLink(body, context);
    return { does: does as 'confirm' | 'undo', email };
  }

  @Serve(routes.confirmAddress)
  confirmAddress(@Asked() { body, context }: Ask<typeof routes.confirmAddress>) {
    return this.recoveries.confirmAddress(body, context);
  }

  @Serve(routes.undoAddress)
  undoAddress(@Asked() { body, context }: Ask<typeof routes.undoAddress>) {
    return this.recoveries.undoAddress(body, context);
  }

  @Serve(routes.askFactorRecovery)
  askFactorRecovery(@Asked() { half, context }: Ask<typeof routes.askFactorRecovery>) {
    return this.recoveries.askFactorRecovery({ halfToken: half.token }, context);
  }

  @Serve(routes.confirmFactorRecovery)
  confirmFactorRecovery(@Asked() { body, context }: Ask<typeof routes.confirmFactorRecovery>) {
    return this.recoveries.confirmFactorRecovery(body, context);
  }

  @Serve(routes.cancelFactorRecovery)
  cancelFactorRecovery(@Asked() { body, context }: Ask<typeof routes.cancelFactorRecovery>) {
    return this.recoveries.cancelFactorRecovery(body, context);
  }

  @Serve(routes.completeFactorRecovery)
  completeFactorRecovery(@Asked() { body, context }: Ask<typeof routes.completeFactorRecovery>) {
    return this.recoveries.completeFactorRecovery(body, context);
  }

  private get recoveries() {
    return this.peers.of('identity', 'Recoveries');
  }

  private wish(kind: 'reset' | 'reactivation', { body, request, context }: Wished) {
    return this.recoveries.wishForMail({ kind, email: body.email, network: networkOf(request.ip) }, context);
  }

  private async open(kind: 'reset' | 'reactivation', { body, reply, context }: Opened) {
    const half = await this.recoveries.openLink({ kind, token: body.token }, context);
    if (half.halfToken != null) this.cookies.beginHalf(reply, half.halfToken);
    return halfView(half);
  }

  private async complete({ half, body, request, reply, context }: Completed) {
    const step = await this.recoveries.completeHalf(
      {
        halfToken: half.token,
        ...(body.password === undefined ? {} : { password: body.password }),
        visit: visitOf(request, this.cookies),
      },
      context,
    );
    return this.arrivals.answer(step, reply, context);
  }
}
