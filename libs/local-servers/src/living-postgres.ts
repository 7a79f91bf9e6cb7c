import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processFacts } from './process-facts.ts';

/** The process and the port of the PostgreSQL server that uses a folder; undefined where none does. */
export function livingPostgres(folder: string): { readonly pid: number; readonly port: number } | undefined {
  try {
    const [pid = '', , , port = ''] = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n');
    // The system may have given the number to another process by now: only a process that says it is postgres counts.
    return processFacts.name(Number(pid))?.startsWith('postgres') === true
      ? { pid: Number(pid), port: Number(port) }
      : undefined;
  } catch {
    return undefined;
  }
}
