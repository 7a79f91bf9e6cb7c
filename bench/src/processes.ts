import { readdirSync, readFileSync } from 'node:fs';

/** A process and all that it has started, itself first. */
export function tree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = Number(fields(Number(entry))?.[1]);
    if (!Number.isNaN(parent)) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found = [pid];
  // It grows while it is walked: the children's children are found, too.
  for (const each of found) found.push(...(children.get(each) ?? []));
  return found;
}

/** Ends a process and all that it has started, at once, as a power cut would. */
export function killTree(pid: number): void {
  for (const each of tree(pid)) kill(each);
}

/** Processor time of processes so far, in milliseconds. */
export const processorMs = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const found = fields(pid);
    return sum + (Number(found?.[11] ?? 0) + Number(found?.[12] ?? 0)) * TICK_MS;
  }, 0);

const TICK_MS = 10;

function kill(pid: number) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** What stands in /proc behind the command's name, which may hold blanks: state, parent, … */
function fields(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return undefined;
  }
}
