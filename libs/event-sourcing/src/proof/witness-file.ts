import {
  closeSync,
  fdatasync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  write,
  writeFileSync,
  fsyncSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Promised } from './ring.ts';

/** A log, told from its copies. */
export interface Branch {
  readonly incarnation: string;
  readonly epoch: number;
}

/** An event, and the log that it was written to. */
export interface Named extends Promised, Branch {}

const append = promisify(write) as (fd: number, text: string) => Promise<unknown>;
const sync = promisify(fdatasync);

/** No event: its version is 0. */
const NOTHING: Promised = { streamId: '-', version: 0, eventId: '-' };

/** Commits are acknowledged in nearly their order: of so many of the newest all must be there. */
const READ_MAX = 100;
const BYTES_MAX = 1 << 20;

/**
 * Names the events that were acknowledged last, in a file that is no part of the database: after everything was stopped and started it knows
 * whether the database is the one that they were written to. Ids alone, a line each.
 */
export class WitnessFile {
  private fd: number | undefined;
  private queue: string[] = [];
  private writing: Promise<void> | undefined;

  constructor(private readonly path: string) {}

  /** Of a log in which nothing was written yet: whoever reads this knows that nothing was. */
  begin(branch: Branch): void {
    this.remember(branch, NOTHING);
  }

  /** Named soon; a failure to is not reported: the file then knows less, and contradicts nobody. */
  remember(branch: Branch, newest: Promised): void {
    this.queue.push(line(branch, newest));
    this.flush().catch(() => undefined);
  }

  /** Named when it resolves, on the disk. For what must not be forgotten even if all machines stop at once. */
  async keep(branch: Branch, events: readonly Promised[]): Promise<void> {
    this.queue.push(...events.map((event) => line(branch, event)));
    await this.flush();
  }

  /** The events named last; undefined where there is no file. */
  async read(): Promise<readonly Named[] | undefined> {
    const text = await readFile(this.path, 'utf8').catch(() => undefined);
    // A line that a crash has cut off was never reported as written.
    return text
      ?.slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, -1)
      .slice(-READ_MAX)
      .flatMap(named);
  }

  /** One write under way at a time; whoever comes meanwhile goes with the next. */
  private async flush(): Promise<void> {
    await this.writing?.catch(() => undefined);
    if (this.queue.length === 0) return this.writing ?? Promise.resolve();
    this.writing ??= this.write().finally(() => {
      this.writing = undefined;
    });
    await this.writing;
  }

  private async write(): Promise<void> {
    const lines = this.queue.splice(0);
    this.fd ??= this.open();
    await append(this.fd, lines.join(''));
    await sync(this.fd);
  }

  /** Shortened when it is opened: what is read of it is its end alone. */
  private open(): number {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > BYTES_MAX) {
      const kept = readFileSync(this.path, 'utf8')
        .split('\n')
        .slice(-READ_MAX - 1)
        .join('\n');
      const beside = `${this.path}.new`;
      writeFileSync(beside, kept, { mode: 0o600 });
      const written = openSync(beside, 'r');
      fsyncSync(written);
      closeSync(written);
      renameSync(beside, this.path);
    }
    const fd = openSync(this.path, 'a', 0o600);
    const folder = openSync(dirname(this.path), 'r');
    fsyncSync(folder);
    closeSync(folder);
    return fd;
  }
}

const line = ({ incarnation, epoch }: Branch, { streamId, version, eventId }: Promised) =>
  `${incarnation} ${epoch} ${eventId} ${version} ${streamId}\n`;

function named(text: string): Named[] {
  const [, incarnation = '', epoch = '', eventId = '', version = '', streamId = ''] =
    /^(\S+) (\d+) ([0-9a-f-]{36}|-) (\d+) (.+)$/.exec(text) ?? [];
  return incarnation === '' ? [] : [{ incarnation, epoch: Number(epoch), streamId, version: Number(version), eventId }];
}
