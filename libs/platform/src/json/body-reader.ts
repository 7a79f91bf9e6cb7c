import { Worker } from 'node:worker_threads';
import { Problem } from '../base/problem.ts';
import type { BodyAnswer, BodyWork } from './body-worker.ts';
import { type JsonLimits, readJson, UnreadableJson } from './scan-json.ts';

export interface BodyReaderOptions<T> {
  /** The module that exports `read`, by its `import.meta.url`. It is loaded by Node itself, also from source: with nothing that must be compiled. */
  readonly definedIn: string;
  /** Judges what was parsed. What it answers is small but for bytes; it throws for our own faults alone. */
  readonly read: (value: unknown) => T;
  readonly limits: JsonLimits;
  /** A longer one is read in a thread. */
  readonly inPlaceBytesMax: number;
  /** Longer ones that wait for the thread, in all and of one owner. */
  readonly waitingMax?: number;
  readonly waitingEachMax?: number;
  readonly timeoutMs?: number;
}

interface Waiting<T> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly owner: string;
  readonly resolve: (read: T) => void;
  readonly reject: (failure: unknown) => void;
}

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './body-worker.ts' : './body-worker.js', import.meta.url);
/** What a million values take, several times. */
const MEMORY_MB = 1_024;
/** An idle thread keeps its heap for no longer. */
const IDLE_MS = 2_000;
/** Two seconds of a core for the longest body; a busy machine gives a thread that lets others go first a tenth of one. */
const READ_MS = 40_000;

/** Reads JSON that strangers send: short bodies at once, long ones in a thread, of which there is one while there is work for it. */
export class BodyReader<T extends object> {
  private readonly waiting: Waiting<T>[] = [];
  private running: Waiting<T> | undefined;
  private worker: Worker | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: BodyReaderOptions<T>) {}

  /**
   * @param owner the caller; none may fill the queue alone. @throws Problem: 400 for what is no JSON within the limits, 413 for what takes too much
   * memory or time, 503 where too many wait.
   */
  async read(bytes: Uint8Array, owner: string): Promise<T> {
    const { inPlaceBytesMax, read, limits, waitingMax = 16, waitingEachMax = 4 } = this.options;
    if (bytes.length <= inPlaceBytesMax) return read(parseBody(bytes, limits));
    if (
      this.waiting.length >= waitingMax ||
      this.waiting.filter((other) => other.owner === owner).length >= waitingEachMax
    )
      throw new Problem('service/busy', 'Too many long bodies wait to be read. Try again shortly.', {
        retryAfterSeconds: 2,
      });
    return new Promise<T>((resolve, reject) => {
      // A buffer may be a piece of a larger one: only what is its own is handed over.
      this.waiting.push({ bytes: new Uint8Array(bytes), owner, resolve, reject });
      this.next();
    });
  }

  /** Ends the thread. What waits is refused as too much for now. */
  async close(): Promise<void> {
    for (const { reject } of [...this.waiting.splice(0), ...(this.running ? [this.running] : [])])
      reject(new Problem('service/busy', 'The service is being stopped. Try again shortly.', { retryAfterSeconds: 2 }));
    await this.end();
  }

  private next() {
    if (this.running) return;
    clearTimeout(this.timer);
    this.running = this.waiting.shift();
    if (!this.running) {
      this.timer = setTimeout(() => void this.end(), IDLE_MS).unref();
      return;
    }
    this.timer = setTimeout(() => {
      this.lose(tooMuch());
    }, this.options.timeoutMs ?? READ_MS);
    const { bytes } = this.running;
    this.worker ??= this.start();
    this.worker.postMessage(bytes, [bytes.buffer]);
  }

  private start(): Worker {
    const { definedIn, limits } = this.options;
    const worker = new Worker(WORKER, {
      workerData: { definedIn, limits } satisfies BodyWork,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    worker.unref();
    worker.on('message', (answer: BodyAnswer) => {
      this.answer(answer);
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (worker === this.worker) this.lose(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : error);
    });
    return worker;
  }

  private answer(answer: BodyAnswer) {
    const { running } = this;
    this.running = undefined;
    if ('read' in answer) running?.resolve(answer.read as T);
    else running?.reject(unreadable(answer.unreadable));
    this.next();
  }

  /** The thread is not to be trusted any more; the next body gets another. */
  private lose(failure: unknown) {
    const { running } = this;
    void this.end();
    running?.reject(failure);
    this.next();
  }

  private async end() {
    clearTimeout(this.timer);
    const { worker } = this;
    this.worker = undefined;
    this.running = undefined;
    await worker?.terminate();
  }
}

/** Reads JSON in place: for bodies that are short, or have few values. @throws Problem: 400 */
export function parseBody(bytes: Uint8Array, limits: JsonLimits): unknown {
  try {
    return readJson(bytes, limits);
  } catch (error) {
    throw error instanceof UnreadableJson ? unreadable(error) : error;
  }
}

const unreadable = ({ message, pointer }: Pick<UnreadableJson, 'message' | 'pointer'>) =>
  new Problem('request/invalid', message, { fields: [{ pointer, detail: message }] });

const tooMuch = () =>
  new Problem(
    'request/too-large',
    'The body takes too much time or memory to read. Send less at once, for example several jobs instead of one.',
  );
