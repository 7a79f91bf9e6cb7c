import type { FactKind } from '../facts/fact.ts';
import { jsonSchema } from './fact-schema.ts';

/** A version of a fact as a release sent it: kept for ever, because such facts lie in logs and topics for ever. */
export interface ReleasedFact {
  readonly name: string;
  readonly topic: string;
  readonly schema: Record<string, unknown>;
  /** A fact of that release, to be read by every later one. */
  readonly golden: unknown;
}

/** What a release keeps of a fact. */
export const releasedFact = ({ name, topic, schema, example }: FactKind): ReleasedFact => ({
  name,
  topic,
  schema: jsonSchema(schema),
  golden: example,
});
