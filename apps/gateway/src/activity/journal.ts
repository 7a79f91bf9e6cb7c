import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import type { inactivity } from '#contracts';

/** A process that ended here without leaving, and what it kept. */
export interface Predecessor {
  readonly instance: string;
  readonly activities: readonly inactivity.Activity[];
  /** Whether that is all it kept. After a start of the machine the end of a file may be missing. */
  readonly whole: boolean;
  readonly forget: () => void;
}

/**
 * What this process keeps, in a file of its own: should it be killed, the next one in this folder writes it and says goodbye
 * in its name. One process at a time may use the folder. A file is sure to outlive its process, and not the machine: that would cost a disk's time for each record.
 */
export class Journal {
  private readonly file: string;
  private used = false;

  /** @throws when the folder cannot be written. */
  constructor(
    private readonly folder: string,
    readonly instance: string,
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.file = join(folder, `${instance}.${process.pid}.${bootId()}`);
    closeSync(openSync(this.file, 'a', 0o600));
  }

  /** Before the request is answered whose record is not written. */
  keep(activity: inactivity.Activity): void {
    this.used = true;
    try {
      appendFileSync(this.file, `${JSON.stringify(activity)}\n`);
    } catch (error) {
      // The file is incomplete from here on, so no later process may read it as a full record.
      rmSync(this.file, { force: true });
      throw error;
    }
  }

  /** Nothing is kept any more. */
  clear(): void {
    if (this.used) truncateSync(this.file);
    this.used = false;
  }

  /** Everything is told and the process ends. */
  remove(): void {
    rmSync(this.file, { force: true });
  }

  /** Processes that were killed in this folder. */
  predecessors(): Predecessor[] {
    return readdirSync(this.folder).flatMap((name) => {
      const [instance = '', pid, boot] = name.split('.');
      const file = join(this.folder, name);
      const whole = boot === bootId();
      if (instance === this.instance || (whole && lives(Number(pid)))) return [];
      return [
        {
          instance,
          whole,
          activities: readFileSync(file, 'utf8').split('\n').flatMap(activityOf),
          forget: () => {
            rmSync(file, { force: true });
          },
        },
      ];
    });
  }
}

/** A last line that breaks off was never answered for. */
function activityOf(line: string): inactivity.Activity[] {
  try {
    return [JSON.parse(line) as inactivity.Activity];
  } catch {
    return [];
  }
}

/** Another one with our number is dead: in a container each process is number 1. */
function lives(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Changes when the machine starts; where it cannot be read no file of another process counts as whole. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `unknown-${process.pid}`;
  }
}
