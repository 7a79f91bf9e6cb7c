import { type AnswerOf, routes } from '#contracts';
import { Peers } from '#platform';
import { Controller } from '@nestjs/common';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import { Cookies } from '../edge/cookies.ts';
import { networkOf } from '../edge/network.ts';
import { visitOf } from '../edge/visit.ts';
import { beginSession } from './step.ts';

@Controller()
export class SignUpsController {
  constructor(
    private readonly peers: Peers,
    private readonly cookies: Cookies,
  ) {}

  @Serve(routes.requestSignUp)
  async request(@Asked() { body, request, context }: Ask<typeof routes.requestSignUp>) {
    await this.peers
      .of('identity', 'SignUps')
      .requestSignUp({ email: body.email, network: networkOf(request.ip) }, context);
    return {};
  }

  @Serve(routes.verifySignUp)
  async verify(
    @Asked() { body, context, request, reply }: Ask<typeof routes.verifySignUp>,
  ): Promise<AnswerOf<typeof routes.verifySignUp>> {
    const made = await this.peers
      .of('identity', 'SignUps')
      .verifySignUp({ ...body, visit: visitOf(request, this.cookies) }, context);
    return {
      ...beginSession(made, reply, this.cookies),
      organization: { id: made.organizationId, name: 'Personal', role: 'owner', status: 'active' },
      project: { id: made.projectId, organizationId: made.organizationId, name: 'First project', status: 'active' },
    };
  }
}
