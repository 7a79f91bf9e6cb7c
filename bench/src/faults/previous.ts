import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { ServiceName } from '#contracts';

const run = promisify(execFile);

/** An older state of the project, built in a folder of its own beside this one. */
export interface Previous {
  readonly folder: string;
  readonly commit: string;
  /** From now on this service starts from what was built here. */
  replace(service: ServiceName): void;
  dispose(): Promise<void>;
}

/** Checks a commit out and builds it, on the packages and the broker that are installed here. @throws where there is no such commit, or it does not build. */
export async function buildPrevious(ref: string): Promise<Previous> {
  const { stdout } = await run('git', ['rev-parse', '--verify', '--short', `${ref}^{commit}`]);
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-previous-'));
  const dispose = async () => {
    await run('git', ['worktree', 'remove', '--force', folder]);
    rmSync(folder, { recursive: true, force: true });
  };
  await run('git', ['worktree', 'add', '--detach', folder, ref]);
  try {
    for (const installed of ['node_modules', 'tools/kafka/.jars'])
      symlinkSync(resolve(installed), join(folder, installed));
    await run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-b'], { cwd: folder });
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    folder,
    commit: stdout.trim(),
    dispose,
    replace: (service) => {
      writeFileSync(
        join(folder, `dist/apps/${service}/src/main.js`),
        `await import('${pathToFileURL(resolve(`dist/apps/${service}/src/main.js`)).href}');\n`,
      );
    },
  };
}
