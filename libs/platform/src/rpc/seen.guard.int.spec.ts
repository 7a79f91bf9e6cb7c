import { randomUUID } from 'node:crypto';
import { Doorbell, LogWatch, logSchema, PostgresEventStore, type Projection } from '#event-sourcing';
import { testDatabase, type TestDatabase } from '#testing';
import { Metadata } from '@grpc/grpc-js';
import type { ExecutionContext } from '@nestjs/common';
import { Projections } from '../parts/projections.ts';
import { SEEN, STALE } from './call-context.ts';
import { SeenGuard } from './seen.guard.ts';

describe('a read that carries what its caller has seen', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  let watch: LogWatch;
  let projections: Projections;
  let applied: string[];
  let held: Promise<void> | undefined;
  beforeEach(async () => {
    database = await testDatabase(logSchema);
    const doorbell = new Doorbell();
    store = new PostgresEventStore(database.pool, { doorbell });
    watch = new LogWatch(database.pool, doorbell, undefined, () => undefined);
    watch.start();
    [applied, held] = [[], undefined];
    const model: Projection = {
      name: 'desks-1',
      categories: ['desk'],
      tables: [],
      apply: async (_tx, events) => {
        await held;
        applied.push(...events.map(({ streamId, version }) => `${streamId}@${version}`));
      },
    };
    projections = new Projections(database.pool, store, watch, [model], () => undefined);
    await projections.start();
  });
  afterEach(async () => {
    await projections.stop();
    await watch.stop();
    await database.drop();
  });

  async function append(): Promise<string> {
    const streamId = `desk-${randomUUID()}`;
    await store.append({
      streamId,
      expectedVersion: 0,
      events: [{ type: 'DeskTaken', data: {} }],
      cause: { at: new Date(), correlationId: 'c', actor: 'service:test' },
    });
    return `${streamId}@1`;
  }
  /** Whether it is let in, what had been applied by then, and what it is told of the answer. */
  async function read(seen?: string) {
    const told: Metadata[] = [];
    const sent = new Metadata();
    if (seen !== undefined) sent.set(SEEN, seen);
    const call = { sendMetadata: (metadata: Metadata) => told.push(metadata) };
    const context = { getArgByIndex: (n: number) => [{}, sent, call][n] } as unknown as ExecutionContext;
    const isLetIn = await new SeenGuard(projections).canActivate(context);
    return { isLetIn, applied: [...applied], stale: told.map((metadata) => metadata.get(STALE)) };
  }

  it('is answered when the read models show it', async () => {
    const seen = await append();
    const { isLetIn, applied: shown, stale } = await read(seen);
    expect([isLetIn, shown, stale]).toEqual([true, [seen], []]);
  });

  it('waits for the newest of several streams', async () => {
    const both = [await append(), await append()];
    expect(await read(both.toReversed().join(','))).toEqual({ isLetIn: true, applied: both, stale: [] });
  });

  it('is answered after a second all the same, and then told to be old', async () => {
    let go: () => void = () => undefined;
    held = new Promise((resolve) => {
      go = resolve;
    });
    const seen = await append();
    const began = performance.now();
    expect(await read(seen)).toEqual({ isLetIn: true, applied: [], stale: [['true']] });
    const waited = performance.now() - began;
    expect([waited >= 900, waited < 5_000]).toEqual([true, true]);
    go();
  });

  it.each([
    ['nothing', undefined],
    ["a stream of another service's", `organization-${randomUUID()}@3`],
    ['what is no place in any stream', 'desk-1@x,@,%'],
  ])('waits for nobody where it carries %s', async (_what, seen) => {
    expect(await read(seen)).toMatchObject({ isLetIn: true, stale: [] });
  });
});
