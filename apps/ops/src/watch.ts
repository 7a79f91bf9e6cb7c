import { setTimeout as pause } from 'node:timers/promises';
import { Option } from 'commander';
import { endedBy } from './exit.ts';
import { positive, say } from './output.ts';

/** `--watch`: alone it looks every two seconds. */
export const watchOption = (): Option =>
  new Option('--watch [seconds]', 'again and again, until Ctrl-C').preset('2').argParser((value) => positive(value));

/** Does it once, or again and again until Ctrl-C, also through failures. On a terminal each time takes the place of the one before. */
export async function watching(everySeconds: number | undefined, work: () => Promise<void>): Promise<void> {
  if (everySeconds === undefined) {
    await work();
    return;
  }
  const ending = new AbortController();
  process.once('SIGINT', () => {
    ending.abort();
  });
  while (!ending.signal.aborted) {
    if (process.stdout.isTTY) process.stdout.write('\u001b[H\u001b[2J');
    process.exitCode = 0;
    say(new Date().toISOString());
    await work().catch((error: unknown) => {
      say(endedBy(error).message);
    });
    await pause(everySeconds * 1000, undefined, { signal: ending.signal }).catch(() => undefined);
  }
}
