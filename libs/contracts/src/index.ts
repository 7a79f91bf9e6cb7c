export * from './facts/index.ts';
export * from './grpc/index.ts';
export * from './rest/index.ts';
