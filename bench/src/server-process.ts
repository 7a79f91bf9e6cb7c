import { type ChildProcess, spawn } from 'node:child_process';

const START_MAX_MS = 120_000;

/** A server that takes part in a comparison, in a process of its own; it ends with us. */
export interface ServerProcess<Said> {
  readonly pid: number;
  /** What it has said when it was ready. */
  readonly said: Said;
  stop(): Promise<void>;
}

/** Starts a script and waits for its first message. @throws when it ends before. */
export async function startServer<Said>(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<ServerProcess<Said>> {
  const child = spawn(process.execPath, ['--no-warnings', script, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const said = await firstMessage<Said>(child, script);
  return {
    pid: child.pid ?? 0,
    said,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((done) => child.once('exit', done));
      child.kill();
      await ended;
    },
  };
}

const firstMessage = <Said>(child: ChildProcess, script: string) =>
  new Promise<Said>((done, failed) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
    }, START_MAX_MS);
    child.once('message', (said) => {
      clearTimeout(late);
      done(said as Said);
    });
    child.once('exit', () => {
      clearTimeout(late);
      failed(new Error(`${script} did not start: see above`));
    });
  });
