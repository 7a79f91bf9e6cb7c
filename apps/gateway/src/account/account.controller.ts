import { type AnswerOf, routes } from '#contracts';
import { Peers } from '#platform';
import { Controller } from '@nestjs/common';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import { accountView } from './views.ts';

@Controller()
export class AccountController {
  constructor(private readonly peers: Peers) {}

  @Serve(routes.getAccount)
  async get(@Asked() { who: { accountId }, context }: Ask<typeof routes.getAccount>) {
    return accountView(await this.peers.of('identity', 'Accounts').getAccount({ accountId }, context));
  }

  @Serve(routes.changeName)
  async changeName(@Asked() { who: { accountId }, body: { name }, context }: Ask<typeof routes.changeName>) {
    return accountView(await this.peers.of('identity', 'Accounts').changeName({ accountId, name }, context));
  }

  @Serve(routes.setIdleTimeout)
  async setIdleTimeout(@Asked() { who: { accountId }, body: { enabled }, context }: Ask<typeof routes.setIdleTimeout>) {
    return accountView(await this.peers.of('identity', 'Accounts').setIdleTimeout({ accountId, enabled }, context));
  }

  @Serve(routes.getInactivity)
  async inactivity(
    @Asked() { who: { accountId }, context }: Ask<typeof routes.getInactivity>,
  ): Promise<AnswerOf<typeof routes.getInactivity>> {
    const found = await this.peers.of('inactivity-policy', 'Inactivity').getInactivity({ accountId }, context);
    return {
      status: found.status as AnswerOf<typeof routes.getInactivity>['status'],
      lastActivity: {
        signIn: found.lastSignIn ?? null,
        session: found.lastSession ?? null,
        api: found.lastApi ?? null,
      },
      dueAt: found.dueAt,
      warningAt: found.warningAt,
      suspendedAt: found.suspendedAt ?? null,
      days: found.days,
    };
  }
}
