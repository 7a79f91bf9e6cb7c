import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from './rounds.ts';

/** A request, written out as it goes over the wire, and what its answer must be. */
export interface Question {
  readonly request: string;
  readonly status: number;
  /** Stands in the body of the right answer, and in no other's. */
  readonly holds: string;
}

/** One connection each, so that an answer is always that to the last request. */
const THREADS = 64;

/** Deals out questions to the threads of wrk, and is asked to send them, again and again, for a while. */
export function wrk(folder: string, name: string, port: number, questions: readonly Question[]): Contender {
  const dealt = join(folder, `questions-${name}`);
  mkdirSync(dealt);
  for (let thread = 0; thread < THREADS; thread++) {
    const lines = questions
      .filter((_, n) => n % THREADS === thread)
      .map(({ request, status, holds }) => `${status}\t${holds}\t${request.replaceAll('\r\n', '\\r\\n')}\n`);
    writeFileSync(join(dealt, String(thread)), lines.join(''));
  }
  return async (windowMs) => {
    const { answers, wrong, lost, seconds, example } = await run(port, dealt, Math.round(windowMs / 1000));
    if (wrong + lost > 0) console.error(`${name}: ${wrong} wrong answers, ${lost} lost; ${example}`);
    return { perSecond: answers / seconds, wrongAnswers: wrong + lost };
  };
}

interface WrkResult {
  readonly answers: number;
  readonly wrong: number;
  readonly lost: number;
  readonly seconds: number;
  readonly example: string;
}

function run(port: number, dealt: string, seconds: number): Promise<WrkResult> {
  const args = [
    '-t',
    String(THREADS),
    '-c',
    String(THREADS),
    '-d',
    `${seconds}s`,
    '--timeout',
    '10s',
    '-s',
    join(process.cwd(), 'bench', 'wrk', 'check.lua'),
    `http://127.0.0.1:${port}`,
    '--',
    dealt,
  ];
  return new Promise((done, failed) => {
    execFile('wrk', args, (error, stdout, stderr) => {
      const line = stdout.trimEnd().split('\n').at(-1) ?? '';
      if (error || !line.startsWith('{')) failed(new Error(`wrk failed: ${stderr}${stdout}`));
      else done(JSON.parse(line) as WrkResult);
    });
  });
}

/** @throws when it is missing, and says how to get it. */
export function requireWrk(): void {
  try {
    execFileSync('which', ['wrk'], { stdio: 'ignore' });
  } catch {
    throw new Error('wrk is missing: install it (on Debian: apt-get install -y wrk)');
  }
}
