import type { z } from 'zod';

/** A topic of the bus: the owner's name, then what it is about. */
export type Topic =
  | 'identity.accounts'
  | 'identity.logins'
  | 'organization.organizations'
  | 'organization.single-sign-on'
  | 'key-management.keys'
  | 'inactivity-policy.decisions'
  | 'job-queue.jobs'
  | 'mailer.mails';

/** One kind of fact: what other services may know of an event. A new shape is a new version beside the old. */
export interface FactKind<N extends string = string, S extends z.ZodType = z.ZodType> {
  /** `<Event>.v<version>`, the `ce_type` on the bus. */
  readonly name: N;
  readonly topic: Topic;
  /** What is true from then on, in one sentence. */
  readonly says: string;
  readonly schema: S;
  readonly example: z.input<S>;
  /** The version after this one, and how its data comes from this one's: pure, applied when an old fact is read. */
  readonly next?: { readonly name: string; upcast(data: z.output<S>): object };
}

/** Declares a kind of fact. */
export const fact = <N extends string, S extends z.ZodType>(kind: FactKind<N, S>): FactKind<N, S> => kind;
