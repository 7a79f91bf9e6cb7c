import { type Cause, type EventStore, followUp, type Handled, PostgresEventStore, type Tx } from '#event-sourcing';
import { type CallContext, Peers, Problem } from '#platform';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { lockOrganization } from '../locks.ts';
import { speaksAsOwner } from '../organization/members.decider.ts';
import { decideIn, find } from '../organization/organizations.service.ts';
import type { Organization, OrganizationEvent } from '../organization/vocabulary.decider.ts';
import { findSingleSignOn } from '../single-sign-on/break-glass.ts';
import type { ScimToken } from './scim-tokens.query.ts';
import type { ScimAttributes } from './scim-user.ts';
import { isTaken, type ScimUser, ScimUsers } from './scim-users.ts';

const TRIES_MAX = 3;

/** What was decided about a user's membership; undefined where there is none to decide about. */
export type Decided = Handled<Organization, OrganizationEvent> | undefined;

/** Carries out what an identity provider says of an organization's people. It binds nobody, and by an address nobody is found. */
@Injectable()
export class Provisioning {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly peers: Peers,
    private readonly users: ScimUsers,
  ) {}

  /** @throws Problem `scim-user/taken`; `organization/owner-required` where nobody's invitation it would be */
  async create(token: ScimToken, attributes: ScimAttributes, cause: Cause, context: CallContext) {
    const accountId = await this.boundTo(token, attributes, context);
    return this.locked(token, async (store, tx) => {
      const organization = await find(store, token.organizationId);
      if (!organization || !speaksAsOwner(organization.state, token.accountId))
        throw new Problem(
          'organization/owner-required',
          'Whoever made this SCIM token does not own the organization any more, so it invites nobody. An owner makes another token.',
        );
      const user = { userId: uuid(), accountId, attributes, createdAt: cause.at };
      if (!(await this.users.add(tx, token, user))) throw taken();
      const decided = await this.settle(store, tx, token, user, cause);
      return { user: { ...user, changedAt: cause.at }, decided };
    });
  }

  /** @throws Problem `scim-user/unknown`, `scim-user/taken` */
  async change(
    token: ScimToken,
    userId: string,
    next: (before: ScimAttributes) => ScimAttributes,
    cause: Cause,
    context: CallContext,
  ): Promise<{ user: ScimUser; decided: Decided }> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const before = await this.find(token, userId);
      const attributes = next(before.attributes);
      const isSame = attributes[token.subject] === before.attributes[token.subject];
      const bound = await this.boundTo(token, attributes, context);
      const accountId = bound ?? (isSame ? before.accountId : undefined);
      const changed = await this.locked(token, async (store, tx) => {
        if (!(await this.users.change(tx, token, before, { attributes, accountId, at: cause.at }))) return undefined;
        const user = await this.users.find(tx, token, userId);
        return user && { user, decided: await this.settle(store, tx, token, user, cause) };
      }).catch((error: unknown) => {
        throw isTaken(error) ? taken() : error;
      });
      if (changed) return changed;
    }
    throw new Problem('service/busy', 'Others were changing the same user. Try again.', { retryAfterSeconds: 1 });
  }

  /** The member is removed with it. @throws Problem `scim-user/unknown`; Refused where the organization would have no owner */
  async remove(token: ScimToken, userId: string, cause: Cause, context: CallContext): Promise<Decided> {
    const before = await this.find(token, userId);
    const bound = await this.boundTo(token, before.attributes, context);
    return this.locked(token, async (store, tx) => {
      const accountId = (await this.users.remove(tx, token, userId)) ?? bound;
      if (accountId === undefined) return undefined;
      return decideIn(store, tx, token.organizationId, { type: 'DismissMember', accountId }, followUp(cause));
    });
  }

  /** @throws Problem `scim-user/unknown` */
  async find(token: ScimToken, userId: string): Promise<ScimUser> {
    const user = await this.users.find(this.pool, token, userId);
    if (user) return user;
    throw new Problem('scim-user/unknown', 'There is no user with this id.');
  }

  /** Opens or closes the organization to who it is here. */
  private async settle(
    store: EventStore,
    tx: Tx,
    { organizationId }: ScimToken,
    { accountId, attributes: { active } }: Pick<ScimUser, 'accountId' | 'attributes'>,
    cause: Cause,
  ): Promise<Decided> {
    if (accountId === undefined) return undefined;
    const type = active ? 'ActivateMember' : 'DeactivateMember';
    return decideIn(store, tx, organizationId, { type, accountId, reason: 'provider' }, followUp(cause));
  }

  /** Who signs in here as this person of the provider. */
  private async boundTo(
    { organizationId, connectionId, subject }: ScimToken,
    attributes: ScimAttributes,
    context: CallContext,
  ): Promise<string | undefined> {
    const person = attributes[subject];
    if (person === undefined) return undefined;
    const connection = (await findSingleSignOn(this.store, organizationId)).connections.get(connectionId);
    const { configuration } = connection?.enforced ?? connection?.newest ?? {};
    const subjectAttribute = configuration?.protocol === 'saml' ? configuration.subjectAttribute : undefined;
    const { accountId } = await this.peers
      .of('identity', 'SingleSignOn')
      .findBound({ connectionId, person, ...(subjectAttribute === undefined ? {} : { subjectAttribute }) }, context);
    return accountId;
  }

  private locked<T>({ organizationId }: ScimToken, work: (store: EventStore, tx: Tx) => Promise<T>): Promise<T> {
    return this.store.transact(async (store, tx) => {
      await lockOrganization(tx, organizationId);
      return work(store, tx);
    });
  }
}

const taken = () =>
  new Problem('scim-user/taken', 'Another user of this connection has this userName, or is this person at sign-in.');
