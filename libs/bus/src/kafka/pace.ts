/** How often a member looks, and how soon others notice that it is gone. */
export interface Pace {
  /** A fetch waits so long for something new. */
  readonly fetchMs: number;
  readonly heartbeatMs: number;
  /** Silent for so long, a member counts as dead. Brokers take 6 s at least. */
  readonly sessionMs: number;
  /** A batch that is at work when the group changes may take so long. */
  readonly rebalanceMs: number;
  readonly commitMs: number;
  readonly haltMs: number;
  /** Without a sign of life for so long, a member begins anew. */
  readonly silentMs: number;
}

export const PACE: Pace = {
  fetchMs: 1_000,
  heartbeatMs: 1_500,
  sessionMs: 6_000,
  rebalanceMs: 30_000,
  commitMs: 1_000,
  haltMs: 30_000,
  silentMs: 90_000,
};
