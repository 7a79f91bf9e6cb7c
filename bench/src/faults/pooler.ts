import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '#local-servers';

/** A PgBouncer before a cluster that trusts its own machine; the program is `PGBOUNCER`, or `pgbouncer` on the path. */
export class Pooler {
  private constructor(
    readonly port: number,
    private readonly process: ChildProcess,
  ) {}

  /** Whether there is one. */
  static isThere(): boolean {
    try {
      execFileSync(PROGRAM, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  static async start(folder: string, hostPort: number, mode: 'session' | 'transaction'): Promise<Pooler> {
    const port = await freePort();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'users.txt'), '"postgres" "moved"\n');
    writeFileSync(
      join(folder, 'pgbouncer.ini'),
      `[databases]
* = host=127.0.0.1 port=${hostPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
auth_user = postgres
pool_mode = ${mode}
default_pool_size = 20
max_client_conn = 500
server_login_retry = 1
`,
    );
    for (const file of ['users.txt', 'pgbouncer.ini']) chmodSync(join(folder, file), 0o644);
    chmodSync(folder, 0o755);
    const process = spawn(PROGRAM, ['-q', join(folder, 'pgbouncer.ini')], { ...asNobody(), stdio: 'ignore' });
    return new Pooler(port, process);
  }

  stop(): void {
    this.process.kill('SIGKILL');
  }
}

const PROGRAM = process.env.PGBOUNCER ?? 'pgbouncer';

/** It refuses to run as root. */
const asNobody = () => (process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {});
