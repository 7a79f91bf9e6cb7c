import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Linux says it in /proc; elsewhere, as on macOS, ps is asked. */
const HAS_PROC = existsSync('/proc/self/stat');

function proc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** What the machine tells of a process; each is undefined where there is none. */
export interface ProcessFacts {
  /** The name of its program. */
  name(pid: number): string | undefined;
  /** Its program and arguments. */
  command(pid: number): string | undefined;
  /** When it began, in one word of the machine: the same as long as it lives. */
  start(pid: number): string | undefined;
}

/** @param hasProc whether /proc is there; ps is asked otherwise. */
export const processFactsBy = (hasProc: boolean): ProcessFacts =>
  hasProc
    ? {
        name: (pid) => proc(pid, 'comm')?.trim(),
        command: (pid) => proc(pid, 'cmdline')?.replaceAll('\0', ' '),
        start: (pid) => proc(pid, 'stat')?.split(') ')[1]?.split(' ')[19],
      }
    : {
        name: (pid) => ps(pid, 'comm')?.replace(/^.*\//, ''),
        command: (pid) => ps(pid, 'args'),
        start: (pid) => ps(pid, 'lstart')?.replaceAll(/\s+/g, '_'),
      };

export const processFacts = processFactsBy(HAS_PROC);
