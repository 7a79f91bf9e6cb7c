import type { Fact, GrpcOwner, ServiceName } from '#contracts';
import type { Bus, Inbox, Message, TakeBack } from '#bus';
import type { EventStore, PersonKeys, RecordedEvent, Sql, StoreOptions, Tx } from '#event-sourcing';
import type { Type } from '@nestjs/common';
import type { Clock } from '../base/clock.ts';
import type { ServiceConfig } from '../base/config.ts';
import type { Logger } from '../base/logger.ts';
import type { Housework } from '../operations/housekeeping.ts';
import type { SealedRows } from '../operations/resealing.ts';
import type { Evolution } from '../operations/log-reading.ts';
import type { ReadModels } from './read-models.ts';

/** What a service stands on and does not own: given by the process that starts it. */
export interface ServiceContext<C extends ServiceConfig = ServiceConfig> {
  readonly config: C;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bus: Bus;
}

/** What a service brings: its read models, its ways out and in. */
export interface ServiceParts extends ReadModels {
  readonly service: ServiceName;
  /** The file that exports its `ServiceDefinition` (`import.meta.url`), for work in a thread of its own. */
  readonly definedIn: string;
  /** `outbox.ts`: own event to public fact, or 'private'. */
  readonly publish: (event: RecordedEvent) => Fact | 'private';
  /** Its deciders, so that operators can ask what a stream's events add up to. */
  readonly deciders?: readonly Evolution[];
  /** `inbox.ts`: the only way in from the bus. */
  readonly inbox?: Type<Inbox>;
  /** A last statement of each transaction, sent with its COMMIT. */
  readonly withCommit?: StoreOptions['withCommit'];
  /** Types of own events that take something away: they are named outside of the database, too, before anybody hears of them. */
  readonly withdraws?: readonly string[];
  /** What going on with an older copy of its log takes. */
  readonly reopening?: Reopening;
  /** Tables that would grow for ever, beside the outcomes of commands. */
  readonly housekeeping?: readonly Housework[];
  /** Sealed rows that stay: those of an older key are sealed again, hourly. */
  readonly sealed?: readonly SealedRows[];
  /** Rings of keys beside the installation's: a purpose and the names of its keys. */
  readonly rings?: readonly string[];
  /** What still rests on older keys for check characters: things from before this process began. */
  readonly checkedBefore?: (sql: Sql, began: Date) => Promise<number>;
  /** Where events carry personal data. */
  readonly personKeys?: PersonKeys;
  /** Closes what it opened beside its context; called last. */
  readonly release?: () => Promise<void>;
  /** Connections to its database at most. */
  readonly connectionsMax?: number;
}

/** How a log is gone on with that lacks what others know. */
export interface Reopening {
  /** `taken-back.ts`: public fact to the own event that told it, where the fact says all of it. */
  readonly takeBack: TakeBack;
  /** Whose logs must be whole before: what it judges by is theirs. */
  readonly after?: readonly GrpcOwner[];
  /** The newest epoch of its log that others beside the bus have told of. */
  readonly heardOf?: (sql: Sql) => Promise<number>;
  /** What else others know and would be done, in words. */
  readonly recalled?: (sql: Sql) => Promise<readonly string[]>;
  /** Does it, in the transaction that reopens the log. */
  readonly finish?: (tx: Tx, store: EventStore, reopened: Reopened) => Promise<void>;
}

/** A log that is being reopened. */
export interface Reopened {
  readonly at: Date;
  /** What was told and did not come back. */
  readonly lost: readonly Message[];
}

export const SERVICE_PARTS = Symbol('SERVICE_PARTS');
export const SERVICE_CONFIG = Symbol('SERVICE_CONFIG');
export const LOGGER = Symbol('LOGGER');
