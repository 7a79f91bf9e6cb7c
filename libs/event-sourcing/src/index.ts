export * from './event.ts';
export * from './decider.ts';
export * from './event-store.ts';
