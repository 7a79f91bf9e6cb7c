export * from './facts/index.ts';
export type { FactKind, Topic } from './facts/fact.ts';
export * from './problems.ts';
export * from './services.ts';
