import { type ForeignProjection, ForeignSource, type OwnersHistory } from '#bus';
import { LogSource, type Projection, type Source } from '#event-sourcing';

/**
 * A service's read models: all that can be made again. No read models are tables that are the truth themselves (uses of keys,
 * touches of sessions, activity, attempts), work that is to be done (`mails_due`, `deadlines`), and what is numbered as it arrives
 * (an organization's record).
 */
export interface ReadModels {
  /** They follow the log. */
  readonly projections: readonly Projection[];
  /** Written inside the append's own transaction: what a gate reads must never lag. */
  readonly inline?: readonly Projection[];
  /** Written by the inbox from what others have stated. */
  readonly foreign?: readonly ForeignProjection[];
}

/** Where each of them comes from, for those who rebuild. @param consumer the service itself. */
export const sourcesOf = (
  { projections, inline = [], foreign = [] }: ReadModels,
  consumer: string,
  history: OwnersHistory,
): Source[] => [
  ...projections.map((projection) => new LogSource(projection, 'follower')),
  ...inline.map((projection) => new LogSource(projection, 'inline')),
  ...foreign.map((projection) => new ForeignSource(projection, consumer, history)),
];
