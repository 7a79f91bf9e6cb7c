import { type Cause, type EventStore, fold, handle, type Handled, PostgresEventStore } from '#event-sourcing';
import { type CallContext, causeOf, Clock, ForeignStreams, onward, Peers, Problem, type Rpc, SERVICE_CONFIG, tellSeen } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { OrganizationConfig } from '../config.ts';
import { organizationOfProject } from '../roster/roster.query.ts';
import { organization, type Organization, type OrganizationCommand, type OrganizationEvent, type Role } from './organization.decider.ts';

const ASK_AGAIN_MS = 100;

/** An organization as its stream says now, never as a list lags behind. */
export interface Place {
  readonly organizationId: string;
  readonly state: Organization;
}

/** Reads and changes organizations. What a caller may not know is unknown to it; what is merely late is waited for. */
@Injectable()
export class Deciding {
  constructor(
    private readonly store: PostgresEventStore, private readonly pool: Pool, private readonly clock: Clock, private readonly peers: Peers, private readonly foreign: ForeignStreams,
    @Inject(SERVICE_CONFIG) private readonly config: OrganizationConfig,
  ) {}

  /** @throws Problem when the caller is no member. */
  async place(organizationId: string, callerId: string): Promise<Place & { role: Role }> {
    let state = await this.state(organizationId);
    if (state.status === 'unknown' && (await this.catchUp(callerId))) state = await this.state(organizationId);
    const role = state.members.get(callerId);
    if (role === undefined) throw new Problem('organization/unknown', 'You have no organization with this id.');
    return { organizationId, state, role };
  }

  /** The organization of a project that the caller may see: as its member, or as an owner. @throws Problem */
  async placeOfProject(projectId: string, callerId: string): Promise<Place & { role: Role }> {
    let organizationId = await organizationOfProject(this.pool, projectId);
    if (organizationId === undefined && (await this.catchUp(callerId))) organizationId = await organizationOfProject(this.pool, projectId);
    const state = organizationId === undefined ? undefined : await this.state(organizationId);
    const role = state?.members.get(callerId);
    const seen = role === 'owner' || state?.projects.get(projectId)?.members.has(callerId);
    if (organizationId === undefined || !state || role === undefined || !seen) throw new Problem('project/unknown', 'You have no project with this id.');
    return { organizationId, state, role };
  }

  async decide(organizationId: string, command: OrganizationCommand, call: Rpc): Promise<Handled<Organization, OrganizationEvent>> {
    const handled = await handle(this.store, organization, organizationId, command, causeOf(call, this.clock));
    tellSeen(call, handled);
    return handled;
  }

  /** Whether every gate enforces what was decided, waiting a little. The decision stands either way. */
  async enforced({ streamId, version }: { streamId: string; version: number }, call: Rpc): Promise<boolean> {
    const deadline = performance.now() + this.config.enforceWithinMs;
    const context: CallContext = { ...onward(call), timeoutMs: 1_000 };
    while (performance.now() < deadline) {
      const confirmed = await this.peers.of('key-management', 'Gate').confirmWithdrawal({ streamId, version }, context).then((answer) => answer.confirmed, () => false);
      if (confirmed) return true;
      await new Promise((later) => setTimeout(later, ASK_AGAIN_MS));
    }
    return false;
  }

  async state(organizationId: string, store: EventStore = this.store): Promise<Organization> {
    return fold(organization, (await store.readStream<OrganizationEvent>(`organization-${organizationId}`)).map((recorded) => recorded.event));
  }

  /** The event that a command wrote, also when it was carried out before. */
  async written(streamId: string, version: number): Promise<OrganizationEvent | undefined> {
    return (await this.store.readStream<OrganizationEvent>(streamId, { after: version - 1, upTo: version }))[0]?.event;
  }

  /** The caller's account may be so new that the bus has not brought it. Answers whether there was something to learn. */
  async catchUp(callerId: string): Promise<boolean> {
    return (await this.foreign.catchUp('identity.accounts', `account-${callerId}`)) > 0;
  }

  now(): Date {
    return this.clock.now();
  }

  cause(call: Rpc): Cause {
    return causeOf(call, this.clock);
  }
}
