import { Readable } from 'node:stream';
import pg from 'pg';

/** What of the write-ahead log a copy needs to be whole: a server that starts on it reads all of that. */
export interface WalRange {
  readonly timeline: number;
  /** Log sequence numbers, as PostgreSQL writes them. */
  readonly start: string;
  readonly end: string;
}

/** A copy of a whole cluster at one moment, as a tar; the range is known behind its last byte. */
export interface BaseBackup {
  readonly tar: Readable;
  readonly range: Promise<WalRange>;
}

/** What pg calls while an answer arrives, as far as it says so nowhere else. */
interface Answering {
  stream: Readable;
  query(text: string): void;
}

interface Row {
  readonly fields: readonly (Buffer | string | null)[];
}

const LOCATIONS = ['start', 'tablespaces', 'end'] as const;

/**
 * Asks a server for a copy of its cluster (`BASE_BACKUP`), which needs a role that may replicate. It answers with three tables (where it begins, the
 * tablespaces, where it ends), and the tar between them.
 * @param url of a superuser or a role with REPLICATION, in any database
 * @throws Error (from the tar and the range) what PostgreSQL says
 */
export async function baseBackup(url: string, label: string): Promise<BaseBackup> {
  // Of a database: one of none needs a line of its own in pg_hba.conf, which images of PostgreSQL do not have.
  const config = { connectionString: url, replication: 'database', application_name: 'rollcall backup' };
  const client = new pg.Client(config);
  await client.connect();
  const copy = new Copy(label);
  client.on('error', (error) => {
    copy.fail(error);
  });
  client.query(copy);
  const range = copy.range.finally(() => client.end());
  // It is told to whoever reads the tar, too.
  range.catch(() => undefined);
  return { tar: copy.tar, range };
}

class Copy {
  readonly range: Promise<WalRange>;
  readonly tar: Readable;
  private connection: Answering | undefined;
  private readonly tables: Row[][] = [];
  private archives = 0;
  private done!: (range: WalRange) => void;
  fail!: (error: Error) => void;

  constructor(private readonly label: string) {
    this.tar = new Readable({
      highWaterMark: 4 << 20,
      read: () => {
        this.connection?.stream.resume();
      },
    });
    this.range = new Promise((done, failed) => {
      this.done = done;
      this.fail = (error) => {
        this.tar.destroy(error);
        failed(error);
      };
    });
  }

  submit(connection: unknown): void {
    this.connection = connection as Answering;
    this.connection.query(`BASE_BACKUP (LABEL '${this.label}', CHECKPOINT 'fast', WAL true, MANIFEST 'no')`);
  }

  handleRowDescription(): void {
    this.tables.push([]);
  }

  handleDataRow(row: Row): void {
    this.tables.at(-1)?.push(row);
  }

  /** `n`: an archive begins, `d`: a piece of it. */
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    const kind = String.fromCharCode(chunk[0] ?? 0);
    if (kind === 'n') this.archives += 1;
    // What is sent to us lies in a buffer that pg writes over.
    if (kind === 'd' && this.archives === 1 && !this.tar.push(Buffer.from(chunk.subarray(1))))
      this.connection?.stream.pause();
  }

  handleCommandComplete(): void {
    // Known when all tables are there.
  }

  handleReadyForQuery(): void {
    const [start, , end] = LOCATIONS.map((_, n) => this.tables[n]?.[0]?.fields.map(String));
    if (this.archives !== 1) {
      this.fail(
        new Error(
          'The cluster has tablespaces of its own, which this copy would lack: move them into the data folder.',
        ),
      );
      return;
    }
    this.tar.push(null);
    this.done({ timeline: Number(start?.[1]), start: start?.[0] ?? '', end: end?.[0] ?? '' });
  }

  handleError(error: Error): void {
    this.fail(error);
  }
}
