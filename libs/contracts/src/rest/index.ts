export * from '../problems.ts';
export * from './route.ts';
export * from './routes.ts';
export { RECORD_TYPES } from './record-types.ts';
export * from './gate-routes.ts';
export * from './ionq-routes.ts';
export * from './open-api.ts';
export * from './verify.ts';
export * as shapes from './shapes.ts';
