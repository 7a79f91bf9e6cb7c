import {
  type Cause,
  type EventStore,
  handle,
  type Handled,
  load,
  PostgresEventStore,
  Refused,
  type Tx,
} from '#event-sourcing';
import { ForeignStreams, Problem, Projections } from '#platform';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { lapseInvitationsOf } from '../invitation/lapse.ts';
import { organizationOfProject } from './places.query.ts';
import { projectUnknown, visibleProject } from './projects.decider.ts';
import { requireNotBreakGlass } from '../single-sign-on/break-glass.ts';
import { lockOrganization } from '../locks.ts';
import { organizationUnknown, unlessMember, unlessOwner } from './members.decider.ts';
import { organization } from './organization.decider.ts';
import type {
  Organization,
  OrganizationCommand,
  OrganizationEvent,
  Project,
  OrganizationStatus,
} from './vocabulary.decider.ts';

const LAG_MS = 1_000;

/** An organization as its stream says now. */
export interface Folded {
  readonly organizationId: string;
  readonly version: number;
  readonly state: OrganizationStatus;
}

/** Judges and carries out, from the stream itself and never from what follows it. */
@Injectable()
export class Organizations {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly foreign: ForeignStreams,
    private readonly projections: Projections,
  ) {}

  /** One command of one organization, and what follows from it at once. */
  carryOut(
    callerId: string,
    organizationId: string,
    command: OrganizationCommand,
    cause: Cause,
  ): Promise<Handled<Organization, OrganizationEvent>> {
    return this.pastLag(callerId, () =>
      this.store.transact(async (store, tx) => {
        await lockOrganization(tx, organizationId);
        return decideIn(store, tx, organizationId, command, cause);
      }),
    );
  }

  /** The organization that a project belongs to. */
  placeOf(callerId: string, projectId: string): Promise<string> {
    return this.pastLag(callerId, async () => {
      const organizationId = await organizationOfProject(this.pool, projectId);
      if (organizationId === undefined) throw new Refused(projectUnknown);
      return organizationId;
    });
  }

  /** @throws Refused for strangers, as for an organization that does not exist. */
  asMember(callerId: string, organizationId: string): Promise<Folded> {
    return this.pastLag(callerId, async () => {
      const folded = await find(this.store, organizationId);
      const refusal = folded ? unlessMember(folded.state, callerId) : organizationUnknown;
      if (!folded || refusal) throw new Refused(refusal ?? organizationUnknown);
      return folded;
    });
  }

  async asOwner(callerId: string, organizationId: string): Promise<Folded> {
    const folded = await this.asMember(callerId, organizationId);
    requireOwner(folded.state, callerId);
    return folded;
  }

  /** @throws Refused for everybody who is neither in the project nor an owner. */
  async project(callerId: string, projectId: string): Promise<Folded & { readonly project: Project }> {
    const folded = await find(this.store, await this.placeOf(callerId, projectId));
    const project = folded && visibleProject(folded.state, callerId, projectId);
    if (!project) throw new Refused(projectUnknown);
    const refusal = unlessMember(folded.state, callerId);
    if (refusal) throw new Refused(refusal);
    return { ...folded, project };
  }

  /** Lists follow the log: waits until they show what was just judged from it, at most a second. */
  async listed({ organizationId, version }: Pick<Folded, 'organizationId' | 'version'>): Promise<void> {
    await this.projections.reached(`organization-${organizationId}@${version}`, LAG_MS);
  }

  /** Identity has registered an account and its fact may still be on its way: never a 404 for lag. Answers whether anything new came. */
  async catchUp(accountId: string): Promise<boolean> {
    const streamId = `account-${accountId}`;
    if (await this.foreign.holds(streamId, { epoch: 0, version: 1 })) return false;
    return (await this.foreign.catchUp('identity.accounts', streamId, LAG_MS)).version > 0;
  }

  private async pastLag<T>(callerId: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!sayUnknown(error)) throw error;
      await this.catchUp(callerId);
      // Once more even where there was nothing to fetch: the bus may have brought it since the first look.
      return work();
    }
  }
}

/** One command under the organization's lock, and what follows from it at once. @throws Refused */
export async function decideIn(
  store: EventStore,
  tx: Tx,
  organizationId: string,
  command: OrganizationCommand,
  cause: Cause,
): Promise<Handled<Organization, OrganizationEvent>> {
  const handled = await handle(store, organization, organizationId, command, cause);
  for (const event of handled.events) {
    if (event.type === 'MemberDeactivated' && event.data.reason === 'provider')
      await requireNotBreakGlass(store, organizationId, event.data.accountId);
    const formerOwner = noLongerOwner(event);
    if (formerOwner === undefined) continue;
    await requireNotBreakGlass(store, organizationId, formerOwner);
    await lapseInvitationsOf(store, tx, organizationId, formerOwner, cause);
  }
  return handled;
}

/** The organization, or undefined where there is none. */
export async function find(store: EventStore, organizationId: string): Promise<Folded | undefined> {
  const { version, state } = await load(store, organization, organizationId);
  return state.status === 'unknown' ? undefined : { organizationId, version, state };
}

/** @throws Refused */
export function requireOwner(state: OrganizationStatus, callerId: string): void {
  const refusal = unlessOwner(state, callerId);
  if (refusal) throw new Refused(refusal);
}

const UNKNOWN = ['organization/unknown', 'project/unknown'];
const sayUnknown = (error: unknown) =>
  (error instanceof Refused || error instanceof Problem) && UNKNOWN.includes(error.code);

/** Who owns the organization no more. */
function noLongerOwner({ type, data }: OrganizationEvent): string | undefined {
  if (type === 'MemberRemoved') return data.accountId;
  return type === 'MemberRoleChanged' && data.role === 'member' ? data.accountId : undefined;
}
