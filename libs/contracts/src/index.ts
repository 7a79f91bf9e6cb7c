export * from './facts/index.ts';
export type { FactKind, Topic } from './facts/fact.ts';
export * from './problems.ts';
export * from './services.ts';
export * from './rest/route.ts';
export * from './rest/routes.ts';
export * from './rest/ionq-routes.ts';
export * as shapes from './rest/shapes.ts';
