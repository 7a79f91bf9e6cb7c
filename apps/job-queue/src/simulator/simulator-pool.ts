import { Worker } from 'node:worker_threads';
import { SimulatorFailure } from './simulator-failure.ts';
import { bytesFor } from './state-vector.ts';
import type { Answer, Order } from './worker.ts';

export interface PoolOptions {
  readonly size: number;
  /** For all simulations of one job together. */
  readonly timeoutMs: number;
  /** Bytes that may be taken now; from the machine or its container unless told. */
  readonly memoryFree?: () => number;
  readonly worker?: URL;
  /** How long a worker without work is kept. */
  readonly idleMs?: number;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** It need not wait behind others that wait for memory. */
  readonly short?: boolean;
  /** What the job has taken before. */
  readonly spentMs?: number;
  /** Called when it no longer waits. */
  readonly started?: () => void;
}

interface Waiting extends RunOptions {
  readonly task: Order;
  readonly bytes: number;
  readonly resolve: (probabilities: Uint8Array) => void;
  readonly reject: (failure: unknown) => void;
}

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
const RESERVE_BYTES = 256 * 2 ** 20;
/** A worker that held more is not kept: its memory comes back with its thread, not at some later collection. */
const KEPT_BYTES_MAX = 64 * 2 ** 20;
/** A thread that waits gives nothing back by itself, and starts again in a twentieth of a second. */
const IDLE_MS = 10_000;
/** What a thread has held for each character that it read or wrote. */
const PER_CHARACTER = 16;

/** Runs simulations beside the event loop. What goes wrong in one worker ends one simulation. */
export class SimulatorPool {
  private readonly queue: Waiting[] = [];
  /** Each with what ends it after a while. */
  private readonly idle = new Map<Worker, NodeJS.Timeout>();
  private readonly running = new Set<{ readonly bytes: number; readonly stop: (failure: SimulatorFailure) => void }>();
  private closed = false;

  constructor(private readonly options: PoolOptions) {}

  /**
   * Probabilities as JSON text. @throws SimulatorFailure when it is refused before it starts (`too-large`), takes too long, has too many outcomes,
   * is stopped by the signal or by `close`, or loses its worker.
   */
  run(task: Order, options: RunOptions = {}): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.queue.push({ ...options, task, bytes: bytesFor(task.circuit.qubits), resolve, reject });
      options.signal?.addEventListener(
        'abort',
        () => {
          this.pump();
        },
        { once: true },
      );
      this.pump();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const run of this.running) run.stop(stopped());
    this.pump();
    await Promise.all([...this.idle.keys()].map((worker) => this.wake(worker).terminate()));
  }

  private pump() {
    for (const waiting of this.takeStopped()) waiting.reject(stopped());
    let full = false;
    for (const next of [...this.queue]) {
      if (this.running.size >= this.options.size) return;
      if (full && !next.short) continue;
      const free = this.free();
      if (next.bytes > free && this.running.size > 0) {
        full = true;
        continue;
      }
      this.queue.splice(this.queue.indexOf(next), 1);
      if (next.bytes > free) next.reject(tooLarge(next, free));
      else this.start(next);
    }
  }

  private takeStopped() {
    const isStopped = (waiting: Waiting) => this.closed || waiting.signal?.aborted === true;
    const out = this.queue.filter(isStopped);
    if (out.length > 0) this.queue.splice(0, Infinity, ...this.queue.filter((waiting) => !isStopped(waiting)));
    return out;
  }

  /** Running tasks may not have touched their memory yet, so all that they may take counts as taken. */
  private free() {
    const free = this.options.memoryFree?.() ?? process.availableMemory() - RESERVE_BYTES;
    return [...this.running].reduce((left, { bytes }) => left - bytes, free);
  }

  private start({ task, bytes, signal, spentMs = 0, started, resolve, reject }: Waiting) {
    const rested = [...this.idle.keys()].at(-1);
    const worker = rested ? this.wake(rested) : new Worker(this.options.worker ?? WORKER);
    const end = (keep: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      worker.removeAllListeners();
      // A thread may still fail while it is being ended; no caller waits for it any more.
      worker.on('error', () => undefined);
      this.running.delete(run);
      if (keep && !this.closed) this.rest(worker);
      else void worker.terminate();
      this.pump();
    };
    const fail = (failure: SimulatorFailure) => {
      end(false);
      reject(failure);
    };
    const abort = () => {
      fail(stopped());
    };
    const run = { bytes, stop: fail };
    const timer = setTimeout(
      () => {
        fail(timedOut(this.options.timeoutMs));
      },
      Math.max(this.options.timeoutMs - spentMs, 0),
    );
    this.running.add(run);
    signal?.addEventListener('abort', abort, { once: true });
    worker.ref();
    worker.removeAllListeners();
    worker.once('error', () => {
      fail(crashed());
    });
    worker.once('exit', () => {
      fail(crashed());
    });
    worker.once('message', (answer: Answer) => {
      end(
        bytes +
          PER_CHARACTER * (task.circuit.json.length + ('probabilities' in answer ? answer.probabilities.length : 0)) <=
          KEPT_BYTES_MAX,
      );
      if ('probabilities' in answer) resolve(answer.probabilities);
      else reject(tooManyStates(answer.tooManyStates));
    });
    started?.();
    worker.postMessage(task);
  }

  private rest(worker: Worker) {
    worker.unref();
    worker.once('exit', () => this.wake(worker));
    this.idle.set(worker, setTimeout(() => void this.wake(worker).terminate(), this.options.idleMs ?? IDLE_MS).unref());
  }

  private wake(worker: Worker): Worker {
    clearTimeout(this.idle.get(worker));
    this.idle.delete(worker);
    return worker;
  }
}

const gigabytes = (bytes: number) => `${(Math.max(bytes, 0) / 1e9).toFixed(1)} GB`;

const tooLarge = ({ task, bytes }: Waiting, free: number) =>
  new SimulatorFailure(
    'simulator/too-large',
    `A circuit of ${task.circuit.qubits} qubits needs ${gigabytes(bytes)} of memory and the simulator has ${gigabytes(free)}: use fewer qubits, or ask your operator for a larger machine.`,
  );

const tooManyStates = (most: number) =>
  new SimulatorFailure(
    'simulator/result-too-large',
    `More than ${most} states are possible outcomes, too many to list: let the circuit end in fewer, or use a noise model, which lists the states of its shots.`,
  );

const timedOut = (timeoutMs: number) =>
  new SimulatorFailure(
    'simulator/timeout',
    `The job has taken the ${Math.round(timeoutMs / 1000)} s that one may take, all its circuits together, and was ended: use fewer qubits, gates or circuits, or spread the circuits over several jobs.`,
  );

const crashed = () =>
  new SimulatorFailure(
    'simulator/crashed',
    'The simulator broke down over this circuit: submit it again, and tell your operator if it happens again.',
  );

const stopped = () => new SimulatorFailure('simulator/stopped', 'The simulation was stopped before it ended.');
