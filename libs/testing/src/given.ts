import { type Decider, type DomainEvent, fold, isRefusal } from '#event-sourcing';

/** given these events, when this command, then these events, nothing, or a refusal. */
export function given<C, S, E extends DomainEvent, P extends string>(
  decider: Decider<C, S, E, P>,
  events: readonly E[],
) {
  return {
    when(command: C) {
      const decision = decider.decide(command, fold(decider, events));
      return {
        then: (expected: readonly E[]) => {
          expect(decision).toStrictEqual(expected);
        },
        // Strictly: for `toEqual` a list of nothing and a list of one undefined are equal.
        thenNothing: () => {
          expect(decision).toStrictEqual([]);
        },
        thenRefused: (code: P) => {
          expect(isRefusal(decision) ? decision.refused : decision).toBe(code);
        },
      };
    },
  };
}
