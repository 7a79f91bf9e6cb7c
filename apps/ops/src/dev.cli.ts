import { type Command, InvalidArgumentError } from 'commander';
import { acts } from './declare.ts';
import { EXIT, Ended } from './exit.ts';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `167d`, `12h`, `30m`, `45s` in seconds. */
function duration(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('Use a number and s, m, h or d, such as 167d.');
  return Number(amount) * SECONDS[unit as keyof typeof SECONDS];
}

async function advance(seconds: number) {
  const origin = process.env.ROLLCALL_ORIGIN ?? `http://localhost:${process.env.PORT ?? 8080}`;
  const answer = await fetch(`${origin}/dev/clock/advance`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'rollcall-client': 'rollcall' },
    body: JSON.stringify({ seconds }),
  }).catch(() => undefined);
  if (!answer)
    throw new Ended(
      EXIT.away,
      `Nothing answers at ${origin}. Start Rollcall, or set PORT or ROLLCALL_ORIGIN to where it is.`,
    );
  const body = (await answer.json()) as { now?: string; detail?: string };
  if (!answer.ok) throw new Ended(EXIT.refused, body.detail ?? `It answered ${answer.status}.`);
  console.log(body.now);
}

export function devCommands(program: Command): void {
  acts(
    program
      .command('dev')
      .description('aids for developers, on this machine alone')
      .command('clock')
      .description("the installation's clock")
      .command('advance')
      .description('moves it forward')
      .argument('<duration>', 'such as 167d, 12h, 30m', duration),
    advance,
  );
}
