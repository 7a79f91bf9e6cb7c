import { type AnswerOf, type organization, routes } from '#contracts';
import { type CallContext, Peers, Problem } from '#platform';
import { Controller } from '@nestjs/common';
import { People } from '../account/people.ts';
import { required } from '../account/views.ts';
import { requireUnconfined } from '../edge/admission.ts';
import { aside } from '../edge/aside.ts';
import { type Ask, Asked, DECIDED_MS, listed, Serve } from '../edge/ask.ts';
import { Cookies } from '../edge/cookies.ts';
import { visitOf } from '../edge/visit.ts';
import { beginSession } from '../account/step.ts';
import { invitationView, namedProject, organizationView, ownInvitationView, type Role } from './views.ts';

type Listed = AnswerOf<typeof routes.listInvitations>['items'][number];

@Controller()
export class InvitationsController {
  constructor(
    private readonly peers: Peers,
    private readonly cookies: Cookies,
    private readonly people: People,
  ) {}

  private get invitations() {
    return this.peers.of('organization', 'Invitations');
  }

  @Serve(routes.listInvitations)
  async list(@Asked() ask: Ask<typeof routes.listInvitations>): Promise<AnswerOf<typeof routes.listInvitations>> {
    const { items, next } = await this.invitations.listInvitations(
      { callerId: ask.who.accountId, id: ask.params.id, ...ask.query },
      ask.context,
    );
    return listed(ask, await this.detailed(items, ask.context), next);
  }

  @Serve(routes.inviteMember)
  async invite(@Asked() { who, params, body, context }: Ask<typeof routes.inviteMember>) {
    return invitationView(
      await this.invitations.invite({ callerId: who.accountId, organizationId: params.id, ...body }, context),
    );
  }

  @Serve(routes.resendInvitation)
  async resend(@Asked() { who, params, context }: Ask<typeof routes.resendInvitation>) {
    return invitationView(
      await this.invitations.resendInvitation({ callerId: who.accountId, invitationId: params.id }, context),
    );
  }

  @Serve(routes.revokeInvitation)
  async revoke(@Asked() { who, params, context }: Ask<typeof routes.revokeInvitation>) {
    return invitationView(
      await this.invitations.revokeInvitation({ callerId: who.accountId, invitationId: params.id }, context),
    );
  }

  @Serve(routes.listOwnInvitations)
  async listOwn(@Asked() ask: Ask<typeof routes.listOwnInvitations>) {
    const { items, next } = await this.invitations.listOwnInvitations(
      { callerId: ask.who.accountId, ...ask.query },
      ask.context,
    );
    return listed(ask, items.map(ownInvitationView), next);
  }

  @Serve(routes.acceptOwnInvitation)
  async acceptOwn(@Asked() { who, params, context }: Ask<typeof routes.acceptOwnInvitation>) {
    return {
      organization: organizationView(
        await this.invitations.acceptOwnInvitation(
          { callerId: who.accountId, invitationId: params.id },
          { ...context, timeoutMs: DECIDED_MS },
        ),
      ),
    };
  }

  @Serve(routes.lookInvitation)
  async look(
    @Asked() { who, body: { token }, context }: Ask<typeof routes.lookInvitation>,
  ): Promise<AnswerOf<typeof routes.lookInvitation>> {
    const seen = await this.invitations.lookInvitation({ token, callerId: who?.accountId }, context);
    return {
      organization: { name: seen.organizationName },
      role: seen.role as Role,
      email: seen.maskedEmail,
      expiresAt: seen.expiresAt,
      projects: seen.projectNames,
      next: seen.next as AnswerOf<typeof routes.lookInvitation>['next'],
      connectionId: seen.connectionId ?? null,
    };
  }

  /** Signed in, the account joins. Otherwise the link proved an address: identity makes its account, which then joins. */
  @Serve(routes.acceptInvitation)
  async accept(
    @Asked() { who, body, request, reply, context }: Ask<typeof routes.acceptInvitation>,
  ): Promise<AnswerOf<typeof routes.acceptInvitation>> {
    requireUnconfined(who);
    if (who)
      return {
        organization: organizationView(
          await this.invitations.acceptInvitation(
            { token: body.token, callerId: who.accountId },
            { ...context, timeoutMs: DECIDED_MS },
          ),
        ),
      };
    if (body.name === undefined || body.password === undefined) {
      const { next } = await this.invitations.lookInvitation({ token: body.token }, context);
      if (next === 'sign-in')
        throw new Problem('session/required', 'The invited address has an account: sign in with it, then accept.');
      const missing = (['name', 'password'] as const).filter((field) => body[field] === undefined);
      throw new Problem('request/invalid', 'To make the account, send a name and a password along.', {
        fields: missing.map((field) => ({ pointer: `/${field}`, detail: 'is needed to make the account' })),
      });
    }
    const made = await this.peers
      .of('identity', 'SignUps')
      .registerInvited(
        {
          invitationToken: body.token,
          name: body.name,
          password: body.password,
          visit: visitOf(request, this.cookies),
        },
        context,
      );
    const begun = beginSession(made, reply, this.cookies);
    const joined = await this.invitations.acceptInvitation(
      { token: body.token, callerId: begun.account.id },
      { ...context, actor: `account:${begun.account.id}`, timeoutMs: DECIDED_MS },
    );
    void reply.status(201);
    return { ...begun, organization: organizationView(joined) };
  }

  /** With the inviters' names and what became of the mails, a page at a time. */
  private async detailed(items: readonly organization.Invitation[], context: CallContext) {
    const details = items.map(({ detail }) => required(detail, 'detail'));
    const [names, mails] = await Promise.all([
      this.people.names(
        details.flatMap(({ inviterId, inviterLeft }) => (inviterLeft ? [] : [inviterId])),
        context,
      ),
      aside(
        (asked) =>
          this.peers
            .of('mailer', 'Mails')
            .listOutcomes(
              {
                letter: 'invitation',
                mails: items.map(({ invitationId }, i) => ({
                  eventId: details[i]?.sentEventId ?? '',
                  recipientId: invitationId,
                })),
              },
              asked,
            ),
        context,
      ),
    ]);
    return items.map((item, i) => {
      const { createdAt, inviterId, projects } = required(details[i], 'detail');
      return {
        ...invitationView(item),
        createdAt,
        inviter: { accountId: inviterId, name: names.get(inviterId) ?? null },
        projects: projects.map(namedProject),
        mail: (mails?.outcomes[i] ?? null) as Listed['mail'],
      };
    });
  }
}
