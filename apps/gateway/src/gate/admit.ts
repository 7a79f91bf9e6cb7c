import type { Activity } from '../activity/activity.ts';

/** The holder of a key that a request carries. */
export interface KeyHolder {
  readonly keyId: string;
  readonly keyName: string;
  readonly projectId: string;
  readonly organizationId: string;
  readonly accountId: string;
  readonly scopes: readonly string[];
}

/** What the gate answers about one key: at once where the verdict is in memory, else a promise. `expiresAt` where it knows of one. */
export type VerifiedKey = KeyHolder & { readonly expiresAt?: string | undefined };

/** The gate as its faces use it. @see KeyGate */
export interface Gate {
  judge(presented: string, address: string): VerifiedKey | Promise<VerifiedKey>;
}

/** What each way of asking the gate is built from. */
export interface GateFloor {
  readonly gate: Gate;
  readonly activity: Pick<Activity, 'record'>;
}

/** Judges a key and records its use. Everything happens in this turn of the event loop where verdict and today's record are there; no promise is made then. */
export function admit(
  { gate, activity }: GateFloor,
  presented: string,
  address: string,
): VerifiedKey | Promise<VerifiedKey> {
  const held = gate.judge(presented, address);
  if (held instanceof Promise) return held.then((late) => recorded(activity, late));
  return recorded(activity, held);
}

function recorded(activity: GateFloor['activity'], held: VerifiedKey): VerifiedKey | Promise<VerifiedKey> {
  const writing = activity.record(held.accountId, 'api');
  return writing === undefined ? held : writing.then(() => held);
}
