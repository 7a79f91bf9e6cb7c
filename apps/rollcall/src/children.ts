import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processFacts } from '#local-servers';

const fileOf = (folder: string) => join(folder, 'children');

/** Notes a process that this installation has started, so that the next start (and the operator) finds it. */
export function rememberChild(folder: string, name: string, pid: number): void {
  appendFileSync(fileOf(folder), `${pid} ${processFacts.start(pid) ?? ''} ${name}\n`);
}

/** Ends what a killed start has left running. It would end by itself, but holds ports until then. */
export function endOrphans(folder: string): void {
  const lines = readLines(fileOf(folder));
  rmSync(fileOf(folder), { force: true });
  for (const line of lines) {
    const [pid, started] = line.split(' ');
    // The system may have given the number to another process since: the same process began at the same time.
    if (started !== '' && processFacts.start(Number(pid)) === started) process.kill(Number(pid), 'SIGKILL');
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}
