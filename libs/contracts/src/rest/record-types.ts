import { z } from 'zod';
import { keyFacts } from '../facts/key.facts.ts';
import { organizationFacts } from '../facts/organization.facts.ts';
import { singleSignOnFacts } from '../facts/single-sign-on.facts.ts';

/** The facts that an organization's record holds: those of itself, of how its people sign in, and of its keys. */
export const RECORD_TYPES: ReadonlySet<string> = new Set(
  [organizationFacts, singleSignOnFacts, keyFacts].flatMap((facts) => Object.keys(facts)),
);

/** `KeyRevoked.v1,MemberRemoved.v1` */
export const recordTypes = z
  .string()
  .max(2_000)
  .refine(
    (text) => text.split(',').every((type) => RECORD_TYPES.has(type)),
    `must be some of ${[...RECORD_TYPES].join(', ')}, with commas between`,
  )
  .transform((text) => text.split(','));
