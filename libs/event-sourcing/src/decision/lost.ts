import type { DomainEvent } from './event.ts';

/** A fact as others know it. */
export interface LostFact {
  readonly name: string;
  readonly data: object;
}

/**
 * Stands for an event that a copy of a log lacks and that nothing could bring back: its version is never used again. It changes no state and no row.
 * What others were told of it they are told again by `fact`; none: it was private.
 */
export interface Lost extends DomainEvent {
  readonly type: 'Lost';
  readonly data: { readonly fact?: LostFact };
}

/** For an event that told this. */
export const lost = (fact?: LostFact): Lost => ({ type: 'Lost', data: fact === undefined ? {} : { fact } });

/** Whether it only stands for one that is lost. */
export const isLost = (event: DomainEvent): event is Lost => event.type === 'Lost';
