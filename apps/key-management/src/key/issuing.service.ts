import {
  type Cause,
  type EventStore,
  followUp,
  handle,
  type Handled,
  idOf,
  PostgresEventStore,
  type Tx,
} from '#event-sourcing';
import { type CallContext, ForeignStreams, newApiKey, Peers, Problem, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { KeyManagementConfig } from '../config.ts';
import { activeKeys } from '../key-gate/key-gate.query.ts';
import { findPlace, lockMembership, type ProjectMembership } from '../membership/membership.ts';
import { type IssueKey, key } from './key.decider.ts';

/** What a person wants a key for. */
export interface IssueKeyRequest {
  readonly accountId: string;
  readonly projectId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Where it works from; absent: anywhere. */
  readonly addresses?: readonly string[];
  readonly worksUntil: string | null;
}

/** The fields in which a replacing key differs from the replaced one. */
export type KeyChanges = Partial<Pick<IssueKeyRequest, 'name' | 'scopes' | 'addresses' | 'worksUntil'>>;

/** A key that now works; `secret` is nowhere else. */
export interface Issued {
  readonly keyId: string;
  readonly secret: string;
  readonly handled: Handled<unknown, unknown>;
}

/** Makes keys for members of a project, and their successors. */
@Injectable()
export class Issuing {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    private readonly peers: Peers,
    private readonly foreign: ForeignStreams,
    @Inject(SERVICE_CONFIG) private readonly config: KeyManagementConfig,
  ) {}

  async issue(wanted: IssueKeyRequest, cause: Cause, context: CallContext): Promise<Issued> {
    const place = await this.place(wanted, context);
    return this.store.transact(async (store, tx) => {
      await requireMember(tx, wanted.projectId, wanted.accountId);
      return this.make(store, tx, { ...wanted, organizationId: place.organizationId, replaces: null }, cause);
    });
  }

  /** The old key works until `worksUntil`; its successor is as the old one was, but for the changes. */
  async rotate(
    old: { keyId: string; issued: Omit<IssueKey, 'type'> },
    changes: KeyChanges,
    worksUntil: string,
    cause: Cause,
  ): Promise<Issued> {
    const {
      accountId,
      projectId,
      organizationId,
      name,
      scopes,
      worksUntil: end,
      addresses,
    } = { ...old.issued, ...changes };
    return this.store.transact(async (store, tx) => {
      await requireMember(tx, projectId, accountId);
      const made = await this.make(
        store,
        tx,
        {
          accountId,
          projectId,
          organizationId,
          name,
          scopes,
          worksUntil: end,
          replaces: old.keyId,
          ...(addresses && addresses.length > 0 ? { addresses } : {}),
        },
        cause,
      );
      if (made.handled.repeated) return made;
      await handle(
        store,
        key,
        old.keyId,
        { type: 'RotateKey', replacedBy: made.keyId, worksUntil, at: cause.at.toISOString() },
        followUp(cause),
      );
      return made;
    });
  }

  private async make(
    store: EventStore,
    tx: Tx,
    wanted: Omit<IssueKey, 'type' | 'digest' | 'start'>,
    cause: Cause,
  ): Promise<Issued> {
    await lockKeys(tx, wanted.projectId);
    const keyId = uuid();
    const { secret, digest, start } = newApiKey(this.config.installationKey, this.config.keyPrefix, keyId);
    const handled = await handle(store, key, keyId, { type: 'IssueKey', ...wanted, digest, start }, cause);
    // Carried out before: the key is the one that was made then, and its secret is gone.
    if (handled.repeated) return { keyId: idOf(handled.streamId, key.category), secret: '', handled };
    // At the limit every key can still be rotated: for the overlap both work. Counted with the new one, which a refusal takes back.
    const most = this.config.keysPerProject * (wanted.replaces === null ? 1 : 2);
    if ((await activeKeys(tx, wanted.projectId, cause.at)) > most) throw tooMany(most);
    return { keyId, secret, handled };
  }

  /** The project, asking organization when its facts have not arrived: never a refusal for lag. */
  private async place({ projectId, accountId }: IssueKeyRequest, context: CallContext): Promise<ProjectMembership> {
    const known = await findPlace(this.pool, projectId, accountId);
    const place = known?.member ? known : await this.askedPlace(projectId, accountId, context);
    requireOpen(place);
    if (!place.member) throw notMember();
    return place;
  }

  private async askedPlace(projectId: string, accountId: string, context: CallContext): Promise<ProjectMembership> {
    const { organizationId } = await this.peers
      .of('organization', 'Projects')
      .getProject({ projectId, callerId: accountId }, { ...context, timeoutMs: 3_000 });
    await this.foreign.catchUp('organization.organizations', `organization-${organizationId}`);
    const place = await findPlace(this.pool, projectId, accountId);
    if (!place)
      throw new Problem(
        'record/not-yet-here',
        'The project is so new that its record has not arrived here. Try again in a second.',
        { retryAfterSeconds: 1 },
      );
    return place;
  }
}

/** Asked in the transaction that makes a key, whichever way it is made. @throws Problem where the account is not in the project, or the project is archived. */
async function requireMember(tx: Tx, projectId: string, accountId: string): Promise<void> {
  const project = await lockMembership(tx, projectId, accountId);
  if (!project) throw notMember();
  if (project.deactivated)
    throw new Problem(
      'member/deactivated',
      'This organization is closed to you: its identity provider says that you are not active there, or it takes no guests. Ask an owner of it.',
    );
  requireOpen(project);
}

function requireOpen({ archived }: { readonly archived: boolean }): void {
  if (archived)
    throw new Problem(
      'project/archived',
      'The project is archived: its keys stopped working and no new ones are made.',
    );
}

/** Keys of one project are made one after the other, so that each counts those before it. */
const lockKeys = (tx: Tx, projectId: string) =>
  tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`keys|${projectId}`]);

const tooMany = (most: number) =>
  new Problem(
    'key/too-many',
    `A project may have ${most} active keys, and this one has them. Revoke some that are no longer needed.`,
  );

const notMember = () =>
  new Problem(
    'project/member-required',
    'Keys of a project are made by its members, for themselves. Ask an owner to add you to the project.',
  );
