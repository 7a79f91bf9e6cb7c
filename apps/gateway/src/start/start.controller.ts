import { type AnswerOf, routes, shapes } from '#contracts';
import { type Brand, type CallContext, Clock, Peers, readBrand, SERVICE_CONFIG } from '#platform';
import { Controller, Inject } from '@nestjs/common';
import type { GatewayConfig } from '../config.ts';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import type { SignedIn } from '../gate/session-check.ts';
import { organizationView } from '../organization/views.ts';
import { accountView, currentView } from '../account/views.ts';

const ORGANIZATIONS_MAX = 200;

/** One answer for a page that opens. */
@Controller()
export class StartController {
  constructor(
    private readonly peers: Peers,
    private readonly clock: Clock,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
  ) {}

  private readonly brand = shownOf(readBrand(this.config.brand));

  @Serve(routes.getStart)
  async get(@Asked() { who, context }: Ask<typeof routes.getStart>): Promise<AnswerOf<typeof routes.getStart>> {
    const { origin, keyPrefix, development } = this.config;
    const now = this.clock.now().toISOString();
    const config = {
      origin,
      keyPrefix,
      development,
      passwordLengthMin: shapes.passwordLengths.alone,
      brand: this.brand,
    };
    return { ...(who ? await this.of(who, context) : NOBODY), now, config };
  }

  private async of({ accountId, session, confined }: SignedIn, context: CallContext) {
    const [account, organizations] = await Promise.all([
      this.peers.of('identity', 'Accounts').getAccount({ accountId }, context),
      this.peers
        .of('organization', 'Organizations')
        .listOrganizations({ callerId: accountId, limit: ORGANIZATIONS_MAX }, context),
    ]);
    return {
      account: accountView(account),
      session: { ...currentView(session), confined },
      organizations: organizations.items.map(organizationView),
    };
  }
}

const shownOf = ({ name, supportUrl }: Brand) => ({ name, supportUrl });
const NOBODY = { account: null, session: null, organizations: [] };
