import { type FileHandle, open } from 'node:fs/promises';

/** The six kinds of commands, and the event that each leaves in the log of its service. */
export const KINDS = {
  changeName: { database: 'identity', event: 'AccountRenamed' },
  createProject: { database: 'organization', event: 'ProjectCreated' },
  renameProject: { database: 'organization', event: 'ProjectRenamed' },
  issueKey: { database: 'key_management', event: 'KeyIssued' },
  revokeKey: { database: 'key_management', event: 'KeyRevoked' },
  submitJob: { database: 'job_queue', event: 'JobSubmitted' },
} as const;

export type Kind = keyof typeof KINDS;

/** A command that was sent. Its trace is in the event that it leaves, so that each finds the other. */
export interface Sent {
  readonly kind: Kind;
  readonly trace: string;
}

/** A command that was answered with success; `subject` is the account, project, key or job. */
export interface Acknowledged extends Sent {
  readonly subject: string;
}

/** Acknowledged commands, on disk before they count: outside of the data folder, which is what is on trial. */
export class Ledger {
  readonly entries: Acknowledged[] = [];
  private waiting: Acknowledged[] = [];
  private writing: Promise<void> | undefined;

  private constructor(private readonly file: FileHandle) {}

  static async at(path: string): Promise<Ledger> {
    return new Ledger(await open(path, 'a'));
  }

  /** Resolves when the entry is on disk, together with all that came meanwhile. */
  async write(entry: Acknowledged): Promise<void> {
    this.waiting.push(entry);
    const before = this.writing;
    if (before) await before;
    if (this.waiting.includes(entry)) await (this.writing ??= this.flush());
    else await this.writing;
  }

  async close(): Promise<void> {
    await this.writing;
    await this.file.close();
  }

  private async flush() {
    const batch = this.waiting;
    this.waiting = [];
    await this.file.appendFile(batch.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    await this.file.datasync();
    this.entries.push(...batch);
    this.writing = undefined;
  }
}
