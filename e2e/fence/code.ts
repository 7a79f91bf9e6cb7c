import { PostgresEventStore } from '#event-sourcing';
import { KeyGate } from '../../apps/gateway/src/gate/key-gate.ts';
import { CacheLease } from '../../apps/gateway/src/gate/cache-lease.ts';
import { VerdictCache } from '../../apps/gateway/src/gate/verdict-cache.ts';
import { Fence } from '../../apps/key-management/src/fence/fence.ts';
import { FenceSignals } from '../../apps/key-management/src/fence/fence-signals.ts';
import { FenceController } from '../../apps/key-management/src/fence/fence.controller.ts';
import { withdrawals } from '../../apps/key-management/src/fence/withdrawals.ts';
import { KeysController } from '../../apps/key-management/src/key/keys.controller.ts';
import { GateController } from '../../apps/key-management/src/key-gate/gate.controller.ts';
import { PrimaryCheck } from '../../apps/key-management/src/key-gate/primary-check.ts';
import { edited, type Edit } from './edited.ts';

/** What of a gateway judges keys. */
export interface GateCode {
  readonly CacheLease: typeof CacheLease;
  readonly VerdictCache: typeof VerdictCache;
  readonly KeyGate: typeof KeyGate;
}

export const GATE: GateCode = { CacheLease, VerdictCache, KeyGate };

/** The same with edits. */
export async function editedGate(edits: readonly Edit[]): Promise<GateCode> {
  const load = edited(edits);
  const [{ CacheLease }, { VerdictCache }, { KeyGate }] = [
    await load<{ CacheLease: GateCode['CacheLease'] }>('apps/gateway/src/gate/cache-lease.ts'),
    await load<{ VerdictCache: GateCode['VerdictCache'] }>('apps/gateway/src/gate/verdict-cache.ts'),
    await load<{ KeyGate: GateCode['KeyGate'] }>('apps/gateway/src/gate/key-gate.ts'),
  ];
  return { CacheLease, VerdictCache, KeyGate };
}

/** What of key-management withdraws keys, judges them, and waits for gateways. */
export interface ServerCode {
  readonly PostgresEventStore: typeof PostgresEventStore;
  readonly withdrawals: typeof withdrawals;
  readonly Fence: typeof Fence;
  readonly FenceSignals: typeof FenceSignals;
  readonly FenceController: typeof FenceController;
  readonly KeysController: typeof KeysController;
  readonly GateController: typeof GateController;
  readonly PrimaryCheck: typeof PrimaryCheck;
}

export const SERVER: ServerCode = {
  PostgresEventStore,
  withdrawals,
  Fence,
  FenceSignals,
  FenceController,
  KeysController,
  GateController,
  PrimaryCheck,
};

/** The same with edits. */
export async function editedServer(edits: readonly Edit[]): Promise<ServerCode> {
  const load = edited(edits);
  const loaded: Partial<ServerCode> = {};
  for (const file of SERVER_FILES) Object.assign(loaded, await load<Partial<ServerCode>>(file));
  return { ...SERVER, ...loaded };
}

const SERVER_FILES = [
  'libs/event-sourcing/src/log/postgres-event-store.ts',
  ...[
    'fence/withdrawals',
    'fence/fence',
    'fence/fence-signals',
    'fence/fence.controller',
    'key/keys.controller',
    'key-gate/gate.controller',
    'key-gate/primary-check',
  ].map((file) => `apps/key-management/src/${file}.ts`),
];
