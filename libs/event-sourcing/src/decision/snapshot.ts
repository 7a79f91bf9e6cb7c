import { hash } from 'node:crypto';
import { PersistentMap } from './persistent-map.ts';

/** A reader that had to read so many events of a stream leaves a snapshot for the next one. */
export const SNAPSHOT_AFTER = 128;

/** A part of every shape: raised when the same state is written differently. */
const FORMAT = 1;

/** What snapshots by these sources are known by. A decider is pure and imports deciders alone, so their text is all that its states depend on. */
export const shapeOf = (sources: readonly string[]): string =>
  hash('sha256', JSON.stringify([FORMAT, ...sources]), 'base64url');

/** A state as text: plain values, and maps and sets in it. */
export const writeState = (state: unknown): string =>
  JSON.stringify({ state }, (_key, value: unknown) => {
    if (value instanceof PersistentMap) return { '#persistent': value.entries() };
    if (value instanceof Map) return { '#map': [...value] };
    return value instanceof Set ? { '#set': [...value] } : value;
  });

/** The state again. */
export const readState = (text: string): unknown =>
  (
    JSON.parse(text, (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null) return value;
      if ('#persistent' in value) return PersistentMap.of(value['#persistent'] as [string, unknown][]);
      if ('#map' in value) return new Map(value['#map'] as [unknown, unknown][]);
      return '#set' in value ? new Set(value['#set'] as unknown[]) : value;
    }) as { state: unknown }
  ).state;
