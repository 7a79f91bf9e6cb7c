import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WalRange } from './base-backup.ts';
import { EXIT, Ended } from './exit.ts';
import type { Part } from './sealed-part.ts';

export const MANIFEST = 'manifest.json';
const FORMAT = 1;

/** A log as it stood when the copy was begun; what was written while the copy was made is in it, too. */
export interface LogHead {
  readonly database: string;
  /** The server, as `log_stamp()` names it. */
  readonly stamp: string;
  readonly incarnation: string;
  readonly epoch: number;
  /** The newest event: epoch, transaction, position; empty where there is none. */
  readonly head: string;
  readonly recordedAt: string;
  /** Of key-management: how far withdrawals had been counted, which gateways remember. */
  readonly fence?: number;
}

/** What `manifest.json` says. Written last: a folder without it holds no backup. */
export interface Manifest {
  readonly format: typeof FORMAT;
  readonly id: string;
  readonly release: string;
  readonly beganAt: string;
  /** All that was acknowledged before this is in the backup, or may be. */
  readonly endedAt: string;
  readonly by: string;
  readonly reason: string;
  readonly encrypted: boolean;
  readonly cluster: {
    readonly identifier: string;
    /** Of PostgreSQL: only the same opens it. */
    readonly major: number;
    readonly segmentBytes: number;
    readonly wal: WalRange;
  };
  readonly logs: readonly LogHead[];
  readonly base: Part;
  /** Not there where they lie in another cluster. */
  readonly personKeys?: Part & { readonly rows: number; readonly takenAt: string };
}

/** @throws Ended where there is no backup, or one of another form */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST);
  if (!existsSync(file))
    throw new Ended(EXIT.notFound, `There is no ${file}: this is no backup, or one that was broken off.`);
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch {
    throw new Ended(EXIT.refused, `${file} is damaged: it is no JSON.`);
  }
  if ((manifest.format as number) !== FORMAT)
    throw new Ended(EXIT.refused, `${file} has a form of another release: restore it with that one.`);
  return manifest;
}

/** Whether a folder holds nothing, or is not there. */
export const isFree = (folder: string): boolean => !existsSync(folder) || readdirSync(folder).length === 0;

/** `0/1A000028` as a number. */
export function lsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** The files of the write-ahead log that a range lies in. */
export function segmentsOf({ timeline, start, end }: WalRange, segmentBytes: number): string[] {
  const size = BigInt(segmentBytes);
  const perId = 0x1_0000_0000n / size;
  const hex = (value: bigint) => value.toString(16).toUpperCase().padStart(8, '0');
  const segments: string[] = [];
  for (let n = lsn(start) / size; n <= (lsn(end) - 1n) / size; n++)
    segments.push(`${hex(BigInt(timeline))}${hex(n / perId)}${hex(n % perId)}`);
  return segments;
}
