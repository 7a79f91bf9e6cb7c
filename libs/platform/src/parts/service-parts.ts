import type { Fact, ServiceName } from '#contracts';
import type { Bus, Inbox } from '#bus';
import type { PersonKeys, RecordedEvent, Sql, StoreOptions } from '#event-sourcing';
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

export const SERVICE_PARTS = Symbol('SERVICE_PARTS');
export const SERVICE_CONFIG = Symbol('SERVICE_CONFIG');
export const LOGGER = Symbol('LOGGER');
