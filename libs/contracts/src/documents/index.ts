export { asyncApi } from './async-api.ts';
export * from './documents.ts';
export { factSchema } from './fact-schema.ts';
export * from './released.ts';
export type { ReleasedFact } from './released-fact.ts';
