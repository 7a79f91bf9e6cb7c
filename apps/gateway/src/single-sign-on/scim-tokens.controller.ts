import { type organization, routes } from '#contracts';
import { Peers } from '#platform';
import { Controller } from '@nestjs/common';
import { required } from '../account/views.ts';
import { type Ask, Asked, listed, Serve } from '../edge/ask.ts';

/** Tokens by which a provider keeps an organization's people by SCIM, for its owners. */
@Controller()
export class ScimTokensController {
  constructor(private readonly peers: Peers) {}

  private get singleSignOn() {
    return this.peers.of('organization', 'SingleSignOn');
  }

  @Serve(routes.listScimTokens)
  async list(@Asked() ask: Ask<typeof routes.listScimTokens>) {
    const { items } = await this.singleSignOn.listScimTokens(
      { callerId: ask.who.accountId, connectionId: ask.params.id },
      ask.context,
    );
    return listed(ask, items.map(tokenView));
  }

  @Serve(routes.makeScimToken)
  async make(@Asked() { who, params, body, context }: Ask<typeof routes.makeScimToken>) {
    const { token, secret } = await this.singleSignOn.makeScimToken(
      { callerId: who.accountId, connectionId: params.id, subject: body.subject },
      context,
    );
    return { ...tokenView(required(token, 'token')), secret };
  }

  @Serve(routes.revokeScimToken)
  async revoke(@Asked() { who, params, context }: Ask<typeof routes.revokeScimToken>) {
    return tokenView(
      await this.singleSignOn.revokeScimToken(
        { callerId: who.accountId, connectionId: params.id, tokenId: params.tokenId },
        context,
      ),
    );
  }
}

const tokenView = ({ tokenId, accountId, subject, createdAt, revokedAt }: organization.ScimToken) => ({
  id: tokenId,
  accountId,
  subject: subject === 'userName' ? ('userName' as const) : ('externalId' as const),
  createdAt,
  revokedAt: revokedAt ?? null,
});
