import {
  type Cause,
  compareCursors,
  type Decider,
  PostgresEventStore,
  type RecordedEvent,
  refuse,
  START,
} from '#event-sourcing';
import { v7 as uuid } from 'uuid';

/** A small aggregate with a unique name, on which the log's own tests try it. */
export type DeskEvent =
  | { type: 'DeskTaken'; data: { name: string } }
  | { type: 'DeskRenamed'; data: { from: string; to: string } }
  | { type: 'ItemAdded'; data: { amount: number } }
  | { type: 'DeskLeft'; data: { name: string } };

export type Desk = { status: 'free'; items: number } | { status: 'taken'; name: string; items: number };

export type DeskCommand =
  | { type: 'TakeDesk'; name: string }
  | { type: 'RenameDesk'; name: string }
  | { type: 'AddItem'; amount: number }
  | { type: 'LeaveDesk' };

export type DeskProblem = 'desk/taken' | 'desk/free' | 'desk/name-taken';

const name = (key: string) => [{ scope: 'desk-name', key }];

export const desk: Decider<DeskCommand, Desk, DeskEvent, DeskProblem> = {
  category: 'desk',
  initial: { status: 'free', items: 0 },
  decide(command, state) {
    if (command.type === 'TakeDesk') {
      return state.status === 'taken'
        ? refuse('desk/taken', 'Somebody sits here.')
        : [{ type: 'DeskTaken', data: { name: command.name } }];
    }
    if (state.status === 'free') return refuse('desk/free', 'Nobody sits here.');
    switch (command.type) {
      case 'RenameDesk':
        return [{ type: 'DeskRenamed', data: { from: state.name, to: command.name } }];
      case 'AddItem':
        return command.amount === 0 ? [] : [{ type: 'ItemAdded', data: { amount: command.amount } }];
      case 'LeaveDesk':
        return [{ type: 'DeskLeft', data: { name: state.name } }];
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'DeskTaken':
        return { status: 'taken', name: event.data.name, items: state.items };
      case 'DeskRenamed':
        return { status: 'taken', name: event.data.to, items: state.items };
      case 'ItemAdded':
        return { ...state, items: state.items + event.data.amount };
      case 'DeskLeft':
        return { status: 'free', items: state.items };
    }
  },
  reservations: {
    takes: (event) =>
      event.type === 'DeskTaken' ? name(event.data.name) : event.type === 'DeskRenamed' ? name(event.data.to) : [],
    releases: (event) =>
      event.type === 'DeskLeft' ? name(event.data.name) : event.type === 'DeskRenamed' ? name(event.data.from) : [],
    taken: () => refuse('desk/name-taken', 'Another desk has this name.'),
  },
};

/** Why a test does something. */
export const cause = (more: Partial<Cause> = {}): Cause => ({
  at: new Date(),
  correlationId: 'c',
  actor: 'service:test',
  ...more,
});

/** A desk that is taken, under a name of its own. */
export async function takenDesk(store: PostgresEventStore): Promise<{ id: string; streamId: string; name: string }> {
  const id = uuid();
  const streamId = `desk-${id}`;
  await store.append({
    streamId,
    expectedVersion: 0,
    events: [{ type: 'DeskTaken', data: { name: id } }],
    cause: cause(),
    take: name(id),
  });
  return { id, streamId, name: id };
}

/** The whole log once the frontier has passed what is committed now; other tests write to the same cluster and may hold it. */
export async function settledLog(store: PostgresEventStore): Promise<RecordedEvent[]> {
  const head = await store.head();
  for (;;) {
    const log = await wholeLog(store);
    if (compareCursors(log.at(-1)?.cursor ?? START, head) >= 0) return log;
  }
}

/** The whole log below the frontier, read as a follower reads it. */
export async function wholeLog(store: PostgresEventStore, limit = 500): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for (;;) {
    const batch = await store.readLog(all.at(-1)?.cursor ?? START, limit);
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}
