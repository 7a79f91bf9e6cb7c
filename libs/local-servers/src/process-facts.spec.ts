import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { processFactsBy } from './process-facts.ts';

describe.each([true, false].filter((hasProc) => !hasProc || existsSync('/proc/self/stat')))(
  'what the machine tells of a process (by /proc: %s)',
  (hasProc) => {
    const told = processFactsBy(hasProc);

    it('tells its program, its arguments and when it began, as long as it lives', async () => {
      const child = spawn('sleep', ['60.25'], { stdio: 'ignore' });
      await once(child, 'spawn');
      const pid = child.pid ?? 0;
      expect(told.name(pid)).toBe('sleep');
      expect(told.command(pid)).toMatch(/sleep 60\.25/);
      const began = told.start(pid);
      expect(began).toMatch(/^\S*\d\S*$/);
      expect(told.start(pid)).toBe(began);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect([told.name(pid), told.command(pid), told.start(pid)]).toEqual([undefined, undefined, undefined]);
    });
  },
);
