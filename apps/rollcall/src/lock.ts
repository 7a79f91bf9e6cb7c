import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Holds a data folder for this process: two installations on one folder would stop each other's database. @throws when it is held. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'rollcall.pid');
  const holder = livingHolder(file);
  if (holder !== undefined)
    throw new Error(
      `another Rollcall (process ${holder}) uses ${folder}. Stop it, or set ROLLCALL_DATA to another folder`,
    );
  writeFileSync(file, `${process.pid} ${startedAt(process.pid) ?? ''}`);
  return () => {
    rmSync(file, { force: true });
  };
}

function livingHolder(file: string): number | undefined {
  try {
    const [pid, started] = readFileSync(file, 'utf8').split(' ');
    // The system may have given the number to another process since: the same process began at the same time.
    return startedAt(Number(pid)) === started ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** When a process began, in ticks of the machine; undefined when there is none. */
export function startedAt(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
  } catch {
    return undefined;
  }
}
