import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The measured server has one core; the client that measures, databases and brokers have the other. */
export const CORES = { server: 0, load: 1 } as const;

/** Keeps processes, with all their threads, to a core. What they start later stays there, too. */
export function pin(core: keyof typeof CORES, ...pids: readonly number[]): void {
  for (const pid of pids) taskset(String(CORES[core]), pid);
}

/** Lets a process go where it likes again. */
export function unpin(pid: number): void {
  taskset(`0-${availableParallelism() - 1}`, pid);
}

function taskset(list: string, pid: number) {
  try {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', list, String(pid)], { stdio: 'ignore' });
  } catch (error) {
    // A thread that ended meanwhile needs no core; a machine without the program or the second core cannot measure.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error('taskset is missing: install util-linux');
  }
}
