import { type AnswerOf, type identity, type organization, routes } from '#contracts';
import { type CallContext, Peers } from '#platform';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { People } from '../account/people.ts';
import { required } from '../account/views.ts';
import { aside } from '../edge/aside.ts';
import { type Ask, Asked, DECIDED_MS, listed, Serve } from '../edge/ask.ts';
import { answerEnforced, namedProject, organizationDetail, organizationView, type Role, standingOf } from './views.ts';

@Controller()
export class OrganizationsController {
  constructor(
    private readonly peers: Peers,
    private readonly people: People,
  ) {}

  private get organizations() {
    return this.peers.of('organization', 'Organizations');
  }

  @Serve(routes.listOrganizations)
  async list(@Asked() ask: Ask<typeof routes.listOrganizations>) {
    const { items, next } = await this.organizations.listOrganizations(
      { callerId: ask.who.accountId, ...ask.query },
      ask.context,
    );
    return listed(ask, items.map(organizationView), next);
  }

  @Serve(routes.createOrganization)
  async create(@Asked() { who, body: { name }, context }: Ask<typeof routes.createOrganization>) {
    return organizationView(await this.organizations.createOrganization({ callerId: who.accountId, name }, context));
  }

  @Serve(routes.getOrganization)
  async get(@Asked() { who, params, context }: Ask<typeof routes.getOrganization>) {
    return organizationDetail(
      await this.organizations.getOrganization({ callerId: who.accountId, organizationId: params.id }, context),
    );
  }

  @Serve(routes.renameOrganization)
  async rename(@Asked() { who, params, body: { name }, context }: Ask<typeof routes.renameOrganization>) {
    return organizationView(
      await this.organizations.renameOrganization({ callerId: who.accountId, id: params.id, name }, context),
    );
  }

  @Serve(routes.demandSecondFactor)
  async demandSecondFactor(@Asked() { who, params, body, reply, context }: Ask<typeof routes.demandSecondFactor>) {
    return this.demanded(
      reply,
      await this.organizations.demandSecondFactor(
        { callerId: who.accountId, organizationId: params.id, ...body },
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }

  @Serve(routes.demandIdleTimeout)
  async demandIdleTimeout(@Asked() { who, params, body, reply, context }: Ask<typeof routes.demandIdleTimeout>) {
    return this.demanded(
      reply,
      await this.organizations.demandIdleTimeout(
        { callerId: who.accountId, organizationId: params.id, ...body },
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }

  @Serve(routes.listMembers)
  async members(@Asked() ask: Ask<typeof routes.listMembers>): Promise<AnswerOf<typeof routes.listMembers>> {
    const { items, next } = await this.organizations.listMembers(
      { callerId: ask.who.accountId, id: ask.params.id, ...ask.query },
      ask.context,
    );
    const accountIds = items.map(({ accountId }) => accountId);
    const [accounts, watched] = await Promise.all([
      this.people.accounts(accountIds, ask.context),
      // Of owners' lists alone.
      items[0]?.projects ? this.watching(ask.params.id, accountIds, ask.context) : undefined,
    ]);
    return listed(
      ask,
      items.map((item) => {
        const account = accounts.get(item.accountId);
        return {
          accountId: item.accountId,
          name: account?.name ?? '',
          email: account?.email ?? '',
          role: item.role as Role,
          joinedAt: item.joinedAt,
          status: standingOf(item.status),
          ...watched?.(item, account),
        };
      }),
      next,
    );
  }

  @Serve(routes.changeRole)
  async changeRole(@Asked() { who, params, body: { role }, reply, context }: Ask<typeof routes.changeRole>) {
    return answerEnforced(
      reply,
      await this.organizations.changeRole(
        { callerId: who.accountId, organizationId: params.id, accountId: params.accountId, role },
        context,
      ),
    );
  }

  @Serve(routes.removeMember)
  async remove(@Asked() { who, params, reply, context }: Ask<typeof routes.removeMember>) {
    return answerEnforced(
      reply,
      await this.organizations.removeMember(
        { callerId: who.accountId, id: params.id, accountId: params.accountId },
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }

  @Serve(routes.leaveOrganization)
  async leave(@Asked() { who, params, reply, context }: Ask<typeof routes.leaveOrganization>) {
    return answerEnforced(
      reply,
      await this.organizations.leaveOrganization(
        { callerId: who.accountId, organizationId: params.id },
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }

  /** What owners see of members beside that, a page at a time. */
  private async watching(organizationId: string, accountIds: string[], context: CallContext) {
    const [keys, seen] = await Promise.all([
      aside(
        (asked) =>
          this.peers.of('key-management', 'Keys').countKeys({ organizationId, accountIds, projectIds: [] }, asked),
        context,
      ),
      aside((asked) => this.peers.of('inactivity-policy', 'Inactivity').listSeen({ accountIds }, asked), context),
    ]);
    const activeKeys = new Map(keys?.ofAccounts.map(({ id, active }) => [id, active]));
    const seenAt = new Map(seen?.accounts.map((account) => [account.accountId, account]));
    return ({ accountId, projects }: organization.Member, account: identity.Account | undefined) => {
      const suspended = account?.status === 'suspended';
      const { lastSeenAt, dueAt } = seenAt.get(accountId) ?? {};
      return {
        accountStatus: suspended ? ('suspended' as const) : ('active' as const),
        secondFactor: account?.multiFactor ?? false,
        projects: (projects?.first ?? []).map(namedProject),
        projectCount: projects?.count ?? 0,
        ...(keys && { activeKeys: activeKeys.get(accountId) ?? 0 }),
        ...(seen && { lastSeenAt: lastSeenAt ?? null, dueAt: suspended ? null : (dueAt ?? null) }),
      };
    };
  }

  private demanded(
    reply: FastifyReply,
    answer: organization.EnforcedOrganization,
  ): AnswerOf<typeof routes.demandSecondFactor> {
    return { ...organizationDetail(required(answer.organization, 'organization')), ...answerEnforced(reply, answer) };
  }
}
