import { type AnswerOf, routes } from '#contracts';
import { Peers } from '#platform';
import { Controller } from '@nestjs/common';
import { required } from '../account/views.ts';
import { type Ask, Asked, listed, Serve } from '../edge/ask.ts';
import { answerEnforced } from '../organization/views.ts';
import { domainView } from './views.ts';

/** DNS is asked, and identity confirms, before the answer says that a decision holds. */
const DECIDED_MS = 15_000;

/** Domains of an organization, for its owners. */
@Controller()
export class DomainsController {
  constructor(private readonly peers: Peers) {}

  private get singleSignOn() {
    return this.peers.of('organization', 'SingleSignOn');
  }

  @Serve(routes.listDomains)
  async list(@Asked() ask: Ask<typeof routes.listDomains>) {
    const { items } = await this.singleSignOn.listDomains(
      { callerId: ask.who.accountId, organizationId: ask.params.id },
      ask.context,
    );
    return listed(ask, items.map(domainView));
  }

  @Serve(routes.claimDomain)
  async claim(@Asked() { who, params, body: { domain }, context }: Ask<typeof routes.claimDomain>) {
    return domainView(
      await this.singleSignOn.claimDomain({ callerId: who.accountId, organizationId: params.id, domain }, context),
    );
  }

  @Serve(routes.verifyDomain)
  async verify(
    @Asked() { who, params, reply, context }: Ask<typeof routes.verifyDomain>,
  ): Promise<AnswerOf<typeof routes.verifyDomain>> {
    const answer = await this.singleSignOn.verifyDomain(
      { callerId: who.accountId, domainId: params.id },
      { ...context, timeoutMs: DECIDED_MS },
    );
    return { ...domainView(required(answer.domain, 'domain')), ...answerEnforced(reply, answer) };
  }

  @Serve(routes.releaseDomain)
  async release(@Asked() { who, params, reply, context }: Ask<typeof routes.releaseDomain>) {
    return answerEnforced(
      reply,
      await this.singleSignOn.releaseDomain(
        { callerId: who.accountId, domainId: params.id },
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }
}
