export * from './embedded-postgres.ts';
export * from './embedded-kafka.ts';
export * from './make-secrets.ts';
export { freePort } from './free-port.ts';
export * from './make-certificates.ts';
export { processFacts } from './process-facts.ts';
export { livingPostgres } from './living-postgres.ts';
