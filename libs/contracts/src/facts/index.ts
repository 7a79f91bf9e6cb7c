import type { z } from 'zod';
import type { FactKind } from './fact.ts';
import { accountFacts } from './account.facts.ts';
import { organizationFacts } from './organization.facts.ts';
import { singleSignOnFacts } from './single-sign-on.facts.ts';
import { keyFacts } from './key.facts.ts';
import { inactivityFacts } from './inactivity.facts.ts';
import { jobFacts } from './job.facts.ts';
import { mailFacts } from './mail.facts.ts';

export type { FactKind, Topic } from './fact.ts';
export { factHeaders } from './headers.ts';
export * from './read-fact.ts';

/** Every fact that may cross a border, by name. */
export const factKinds = {
  ...accountFacts,
  ...organizationFacts,
  ...singleSignOnFacts,
  ...keyFacts,
  ...inactivityFacts,
  ...jobFacts,
  ...mailFacts,
} as const;

export type FactName = keyof typeof factKinds;
export type FactData<N extends FactName> = z.output<(typeof factKinds)[N]['schema']>;

/** A fact as a service hands it to the relay, or finds it in its inbox. */
export type Fact = { [N in FactName]: { readonly name: N; readonly data: FactData<N> } }[FactName];

/** The kind of a fact, or undefined for a name this version does not know. */
export const factKind = (name: string): FactKind | undefined =>
  Object.hasOwn(factKinds, name) ? (factKinds as Record<string, FactKind>)[name] : undefined;
