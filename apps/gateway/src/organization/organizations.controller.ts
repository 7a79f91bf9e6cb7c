import { type AnswerOf, type organization, routes } from '#contracts';
import { Peers } from '#platform';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { People } from '../account/people.ts';
import { required } from '../account/views.ts';
import { type Ask, Asked, listed, Serve } from '../edge/ask.ts';
import { answerEnforced, organizationDetail, organizationView, type Role, standingOf } from './views.ts';

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
        { ...context, timeoutMs: 8_000 },
      ),
    );
  }

  @Serve(routes.demandIdleTimeout)
  async demandIdleTimeout(@Asked() { who, params, body, reply, context }: Ask<typeof routes.demandIdleTimeout>) {
    return this.demanded(
      reply,
      await this.organizations.demandIdleTimeout(
        { callerId: who.accountId, organizationId: params.id, ...body },
        { ...context, timeoutMs: 8_000 },
      ),
    );
  }

  @Serve(routes.listMembers)
  async members(@Asked() ask: Ask<typeof routes.listMembers>): Promise<AnswerOf<typeof routes.listMembers>> {
    const { items, next } = await this.organizations.listMembers(
      { callerId: ask.who.accountId, id: ask.params.id, ...ask.query },
      ask.context,
    );
    const people = await this.people.describe(
      items.map((item) => item.accountId),
      ask.context,
    );
    return listed(
      ask,
      items.map((item: organization.Member) => ({
        accountId: item.accountId,
        ...people(item.accountId),
        role: item.role as Role,
        joinedAt: item.joinedAt,
        status: standingOf(item.status),
      })),
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
        { ...context, timeoutMs: 8_000 },
      ),
    );
  }

  @Serve(routes.leaveOrganization)
  async leave(@Asked() { who, params, reply, context }: Ask<typeof routes.leaveOrganization>) {
    return answerEnforced(
      reply,
      await this.organizations.leaveOrganization(
        { callerId: who.accountId, organizationId: params.id },
        { ...context, timeoutMs: 8_000 },
      ),
    );
  }

  private demanded(
    reply: FastifyReply,
    answer: organization.EnforcedOrganization,
  ): AnswerOf<typeof routes.demandSecondFactor> {
    return { ...organizationDetail(required(answer.organization, 'organization')), ...answerEnforced(reply, answer) };
  }
}
