import type { organization as proto } from '#contracts';
import {
  type Cause,
  type EventStore,
  followUp,
  handle,
  type Handled,
  idOf,
  load,
  PostgresEventStore,
  Refused,
  type Tx,
} from '#event-sourcing';
import { type CallContext, Clock, Peers, Problem, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { OrganizationConfig } from '../config.ts';
import type { Role, OrganizationStatus } from '../organization/vocabulary.decider.ts';
import { find, type Folded, Organizations, requireOwner } from '../organization/organizations.service.ts';
import { projectArchived, projectUnknown } from '../organization/projects.decider.ts';
import { lockOrganization } from '../locks.ts';
import {
  type Invitation,
  invitation,
  type InvitationEvent,
  invitationUnknown,
  isPending,
  type KnownInvitation,
} from '../invitation/invitation.decider.ts';
import {
  forget,
  forgetExpired,
  InvitedAddresses,
  pendingCount,
  pendingOf,
  prolong,
} from '../invitation/invited-addresses.ts';

const LIFE_MS = 30 * 86_400_000;

/** The person that an owner invites to the organization. */
export interface InviteRequest {
  readonly callerId: string;
  readonly organizationId: string;
  readonly email: string;
  readonly role: Role;
  readonly projectIds: readonly string[];
}

export type HandledInvitation = Handled<Invitation, InvitationEvent>;

/** What owners do with invitations. */
@Injectable()
export class Inviting {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly peers: Peers,
    private readonly clock: Clock,
    private readonly organizations: Organizations,
    private readonly addresses: InvitedAddresses,
    @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig,
  ) {}

  async invite(wanted: InviteRequest, cause: Cause, context: CallContext): Promise<HandledInvitation> {
    const { state } = await this.organizations.asOwner(wanted.callerId, wanted.organizationId);
    const before =
      cause.commandId === undefined ? undefined : await this.store.outcome(cause.commandId, cause.fingerprint);
    if (before)
      return { ...before, events: [], state: await this.state(this.store, idOf(before.streamId, invitation.category)) };
    const { accountId } = await this.peers.of('identity', 'Accounts').findAccount({ email: wanted.email }, context);
    if (accountId !== undefined && state.members.has(accountId))
      throw new Problem(
        'invitation/already-member',
        'Somebody with this address is in the organization already. You can change their role or add them to projects.',
      );
    return this.store.transact(async (store, tx) => {
      await lockOrganization(tx, wanted.organizationId);
      await this.requireInvitable(store, wanted);
      return this.send(store, tx, wanted, cause);
    });
  }

  /** A new link; the older one is dead. */
  async resend(callerId: string, invitationId: string, cause: Cause): Promise<HandledInvitation> {
    const expiresAt = expiry(cause.at);
    return this.asOwner(callerId, invitationId, async (store, tx) => {
      const handled = await handle(
        store,
        invitation,
        invitationId,
        { type: 'ResendInvitation', by: callerId, at: cause.at.toISOString(), expiresAt },
        cause,
      );
      if (!handled.repeated) await prolong(tx, { invitationId, inviterId: callerId, expiresAt });
      return handled;
    });
  }

  async revoke(callerId: string, invitationId: string, cause: Cause): Promise<HandledInvitation> {
    return this.asOwner(callerId, invitationId, async (store, tx) => {
      const handled = await handle(store, invitation, invitationId, { type: 'RevokeInvitation' }, cause);
      await forget(tx, invitationId);
      return handled;
    });
  }

  /** For owners; the address as long as it is pending. */
  async view(invitationId: string, state: Invitation): Promise<proto.Invitation> {
    if (state.status === 'unknown') throw new Refused(invitationUnknown);
    const { organizationId, role, projectIds, expiresAt } = state.sent;
    const expired = state.status === 'pending' && !isPending(state, this.clock.now().toISOString());
    return {
      invitationId,
      organizationId,
      email: (await this.addresses.find(this.pool, invitationId)) ?? '',
      role,
      projectIds: [...projectIds],
      expiresAt,
      status: expired ? 'expired' : state.status,
    };
  }

  /** Under the organization's lock: no owner loses the role meanwhile. */
  private async requireInvitable(
    store: EventStore,
    { callerId, organizationId, projectIds }: InviteRequest,
  ): Promise<void> {
    const folded = await find(store, organizationId);
    if (!folded) throw new Error('an organization that was there is gone');
    requireOwner(folded.state, callerId);
    for (const projectId of projectIds) requireOpenProject(folded.state, projectId);
  }

  private async send(
    store: EventStore,
    tx: Tx,
    { callerId, organizationId, email, role, projectIds }: InviteRequest,
    cause: Cause,
  ): Promise<HandledInvitation> {
    const emailDigest = this.addresses.digest(email);
    await forgetExpired(tx, cause.at);
    // One living link for an address: who is invited again gets the newer invitation.
    for (const older of await pendingOf(tx, organizationId, { emailDigest })) {
      await handle(store, invitation, older, { type: 'RevokeInvitation' }, followUp(cause));
      await forget(tx, older);
    }
    if ((await pendingCount(tx, organizationId)) >= this.config.pendingInvitationsMax) {
      throw new Problem(
        'invitation/too-many',
        `At most ${this.config.pendingInvitationsMax} invitations of an organization may wait for an answer. Revoke some that are no longer needed.`,
      );
    }
    const invitationId = uuid();
    const expiresAt = expiry(cause.at);
    const handled = await handle(
      store,
      invitation,
      invitationId,
      {
        type: 'SendInvitation',
        organizationId,
        inviterId: callerId,
        role,
        projectIds: [...new Set(projectIds)],
        emailDigest,
        expiresAt,
      },
      cause,
    );
    if (!handled.repeated)
      await this.addresses.keep(tx, { invitationId, organizationId, inviterId: callerId, email, expiresAt });
    return handled;
  }

  private async asOwner<T>(
    callerId: string,
    invitationId: string,
    work: (store: EventStore, tx: Tx) => Promise<T>,
  ): Promise<T> {
    const { sent } = await this.known(invitationId);
    return this.store.transact(async (store, tx) => {
      await lockOrganization(tx, sent.organizationId);
      requireOwnerOfInvitation(await find(store, sent.organizationId), callerId);
      return work(store, tx);
    });
  }

  private async known(invitationId: string): Promise<KnownInvitation> {
    const state = await this.state(this.store, invitationId);
    if (state.status === 'unknown') throw new Refused(invitationUnknown);
    return state;
  }

  private async state(store: EventStore, invitationId: string): Promise<Invitation> {
    return (await load(store, invitation, invitationId)).state;
  }
}

const expiry = (at: Date) => new Date(at.getTime() + LIFE_MS).toISOString();

function requireOwnerOfInvitation(folded: Folded | undefined, callerId: string) {
  if (!folded?.state.members.has(callerId)) throw new Refused(invitationUnknown);
  requireOwner(folded.state, callerId);
}

function requireOpenProject(state: OrganizationStatus, projectId: string) {
  const project = state.projects.get(projectId);
  if (!project) throw new Refused(projectUnknown);
  if (project.archived) throw new Refused(projectArchived);
}
