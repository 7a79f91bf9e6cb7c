export * from './facts/index.ts';
export type { FactKind, Topic } from './facts/fact.ts';
