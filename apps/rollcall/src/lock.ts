import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processFacts } from '#local-servers';

/** Holds a data folder for this process: two installations on one folder would stop each other's database. @throws when it is held. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'rollcall.pid');
  const holder = livingHolder(file);
  if (holder !== undefined)
    throw new Error(
      `another Rollcall (process ${holder}) uses ${folder}. Stop it, or set ROLLCALL_DATA to another folder`,
    );
  writeFileSync(file, `${process.pid} ${processFacts.start(process.pid) ?? ''}`);
  return () => {
    rmSync(file, { force: true });
  };
}

function livingHolder(file: string): number | undefined {
  try {
    const [pid, started] = readFileSync(file, 'utf8').split(' ');
    // The system may have given the number to another process since: the same process began at the same time.
    return processFacts.start(Number(pid)) === started ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}
