/** The lease, and what a revocation waits at most for one gateway (both in ms of whose clock counts). */
export const LEASE_MS = 10_000;
export const WAIT_MS = LEASE_MS * 1.02 + 50;
/** So old may the last acknowledged write of a replica be that answers whether a key works. */
export const WRITTEN_WITHIN_MS = 2_000;

/** The rules that the promise stands on, one by one. To break one is to set it false: the spec does, with each, and must see the promise broken. */
export const RULES = {
  /** Renewal: the row takes the greatest `applied`, so a late renewal takes nothing back. */
  appliedOnlyGrows: true,
  /** Registration: no server writes an `applied` that the gateway did not send. */
  gatewayNamesItsApplied: true,
  /** A grant counts once the gateway has applied the n that came with it. */
  grantCountsOnceApplied: true,
  /** A lease is counted from the moment the gateway sent its request. */
  leaseCountsFromSending: true,
  /** Revocation waits on its own monotonic clock, and for no time that stands in the database. */
  waitsOnOwnClock: true,
  /** It waits for longer than a lease: clocks drift by up to 1 % in either direction. */
  waitAllowsForDrift: true,
  /** A revocation that changes nothing waits, too: whoever made it so may have died waiting. */
  repeatedOneWaits: true,
  /** The followers are read after the commit. */
  followersReadAfterCommit: true,
  /** A row is given up on only as it was read: whoever renewed since is alive and holds a lease. */
  deletesOnlyAsRead: true,
  /** A row that was deleted and comes back counts on from where no row has been: else it is taken for the one that was read. */
  renewalsNeverRepeat: true,
  /** Seq is the order of commits: taken under a lock that is held until then. */
  seqIsCommitOrder: true,
  /** In a new epoch everybody counts as a holder for the time of a lease. */
  newEpochWaits: true,
  /** Key-management answers whether a key works only while a write of its own was acknowledged lately: an old primary can still be read. */
  answersOnlyIfItCanWrite: true,
  /** ... counted from when that write was sent: its acknowledgement may have lain somewhere. */
  writeCountsFromSending: true,
  /** Key-management reads seq before it reads the key: the stamp never claims more than was seen. */
  stampedBeforeReading: true,
  /** Look-up and lease comparison are one run: nothing happens between them. */
  judgedInOneRun: true,
  /** No request joins a call that was already sent. */
  batchClosesWhenItLeaves: true,
  /** A verdict whose stamp is below an applied withdrawal of its subject is not kept. */
  oldVerdictIsNotKept: true,
  /** ... nor used for those who wait for it. */
  oldVerdictIsNotUsed: true,
  /** A gateway that stops gives its row back after the last use of its cache. */
  stopsBeforeItLeaves: true,
};
export type Rules = typeof RULES;
