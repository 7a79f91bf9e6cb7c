/** Reads bodies beside the event loop, one after the other: `BodyReader` starts it. Loaded by Node itself, also from source: this file and what it imports keep to types that can be stripped. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type JsonLimits, readJson, UnreadableJson } from './scan-json.ts';

/** What a thread is told: the module whose `read` judges what was parsed. */
export interface BodyWork {
  readonly definedIn: string;
  readonly limits: JsonLimits;
}

/** What a thread answers. */
export type BodyAnswer =
  { readonly read: unknown } | { readonly unreadable: { readonly message: string; readonly pointer: string } };

// Long bodies wait, not those who send short ones. Linux alone gives each thread a priority of its own.
if (process.platform === 'linux') setPriority(10);
const { definedIn, limits } = workerData as BodyWork;
const { read } = (await import(definedIn)) as { read: (value: unknown) => object };

parentPort?.on('message', (bytes: Uint8Array) => {
  try {
    const found = read(readJson(bytes, limits));
    // Long parts come as bytes, and change hands without being copied.
    parentPort?.postMessage(
      { read: found } satisfies BodyAnswer,
      Object.values(found).flatMap((part) => (part instanceof Uint8Array ? [part.buffer as ArrayBuffer] : [])),
    );
  } catch (error) {
    if (!(error instanceof UnreadableJson)) throw error;
    parentPort?.postMessage({ unreadable: { message: error.message, pointer: error.pointer } } satisfies BodyAnswer);
  }
});
