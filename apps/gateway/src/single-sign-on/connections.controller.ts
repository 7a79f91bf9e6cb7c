import { type AnswerOf, type organization, routes } from '#contracts';
import { Peers, SERVICE_CONFIG } from '#platform';
import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { People } from '../account/people.ts';
import { required } from '../account/views.ts';
import type { GatewayConfig } from '../config.ts';
import { type Ask, Asked, DECIDED_MS, listed, Serve } from '../edge/ask.ts';
import { answerEnforced } from '../organization/views.ts';
import { connectionView, governanceView } from './views.ts';

/** Connections of an organization to identity providers, for its owners. */
@Controller()
export class ConnectionsController {
  constructor(
    private readonly peers: Peers,
    private readonly people: People,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
  ) {}

  private get singleSignOn() {
    return this.peers.of('organization', 'SingleSignOn');
  }

  @Serve(routes.listConnections)
  async list(@Asked() ask: Ask<typeof routes.listConnections>) {
    const { items } = await this.singleSignOn.listConnections(
      { callerId: ask.who.accountId, organizationId: ask.params.id },
      ask.context,
    );
    return listed(
      ask,
      items.map((item) => this.view(item)),
    );
  }

  @Serve(routes.draftConnection)
  async draft(@Asked() { who, params, body: { name }, context }: Ask<typeof routes.draftConnection>) {
    return this.view(
      await this.singleSignOn.draftConnection({ callerId: who.accountId, organizationId: params.id, name }, context),
    );
  }

  @Serve(routes.getGovernance)
  async governance(@Asked() { who, params, context }: Ask<typeof routes.getGovernance>) {
    return governanceView(
      await this.singleSignOn.getGovernance({ callerId: who.accountId, organizationId: params.id }, context),
    );
  }

  @Serve(routes.getConnection)
  async get(@Asked() { who, params, context }: Ask<typeof routes.getConnection>) {
    return this.view(
      await this.singleSignOn.getConnection({ callerId: who.accountId, connectionId: params.id }, context),
    );
  }

  @Serve(routes.previewConnection)
  async preview(
    @Asked() { who, params, context }: Ask<typeof routes.previewConnection>,
  ): Promise<AnswerOf<typeof routes.previewConnection>> {
    const preview = await this.singleSignOn.previewConnection(
      { callerId: who.accountId, connectionId: params.id },
      context,
    );
    const [governed, guests, heldBack] = [preview.governed, preview.guests, preview.heldBack].map((each) =>
      required(each, 'people'),
    ) as [organization.AffectedPeople, organization.AffectedPeople, organization.AffectedPeople];
    const people = await this.people.describe(
      [...preview.inviterIds, ...[governed, guests, heldBack].flatMap(({ accountIds }) => accountIds)],
      context,
    );
    const shown = ({ count, accountIds }: organization.AffectedPeople) => ({
      count,
      people: accountIds.map((accountId) => ({ accountId, ...people(accountId) })),
    });
    return {
      governed: shown(governed),
      guests: shown(guests),
      heldBack: shown(heldBack),
      inviters: preview.inviterIds.map((accountId) => ({ accountId, ...people(accountId) })),
    };
  }

  @Serve(routes.putOidc)
  async putOidc(@Asked() { who, params, body: { clientSecret, ...client }, context }: Ask<typeof routes.putOidc>) {
    return this.view(
      await this.singleSignOn.putOidc(
        { callerId: who.accountId, connectionId: params.id, client, clientSecret },
        context,
      ),
    );
  }

  @Serve(routes.putSaml)
  async putSaml(
    @Asked()
    {
      who,
      params,
      body: { entityId = '', signInUrl = '', certificates = [], ...body },
      context,
    }: Ask<typeof routes.putSaml>,
  ) {
    return this.view(
      await this.singleSignOn.putSaml(
        { callerId: who.accountId, connectionId: params.id, entityId, signInUrl, certificates, ...body },
        // A provider may take its time to say who it is.
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }

  @Serve(routes.putConnectionSettings)
  async putSettings(
    @Asked()
    {
      who,
      params,
      body: { breakGlassAccountId, ...settings },
      reply,
      context,
    }: Ask<typeof routes.putConnectionSettings>,
  ) {
    return this.decided(
      reply,
      await this.singleSignOn.putSettings(
        {
          callerId: who.accountId,
          connectionId: params.id,
          ...settings,
          ...(breakGlassAccountId === null ? {} : { breakGlassAccountId }),
        },
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }

  @Serve(routes.enforceConnection)
  async enforce(@Asked() { who, params, reply, context }: Ask<typeof routes.enforceConnection>) {
    return this.decided(
      reply,
      await this.singleSignOn.enforce(
        { callerId: who.accountId, connectionId: params.id },
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }

  @Serve(routes.turnConnectionOff)
  async turnOff(@Asked() { who, params, reply, context }: Ask<typeof routes.turnConnectionOff>) {
    return this.decided(
      reply,
      await this.singleSignOn.turnOff(
        { callerId: who.accountId, connectionId: params.id },
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }

  @Serve(routes.removeConnection)
  async remove(@Asked() { who, params, reply, context }: Ask<typeof routes.removeConnection>) {
    return answerEnforced(
      reply,
      await this.singleSignOn.removeConnection(
        { callerId: who.accountId, connectionId: params.id },
        { ...context, timeoutMs: DECIDED_MS },
      ),
    );
  }

  private decided(
    reply: FastifyReply,
    answer: organization.EnforcedConnection,
  ): AnswerOf<typeof routes.enforceConnection> {
    return { ...this.view(required(answer.connection, 'connection')), ...answerEnforced(reply, answer) };
  }

  private view(connection: organization.Connection) {
    return connectionView(connection, this.config.origin);
  }
}
