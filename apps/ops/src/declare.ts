import { type Command, Option } from 'commander';
import { EXIT, Ended } from './exit.ts';
import { say } from './output.ts';

/** Whether a change is to be made, and why; without `apply` it is planned. As requests to services have it. */
export interface Decision {
  readonly apply: boolean;
  readonly reason: string;
}

type Kind = 'looks' | 'changes' | 'acts';
const kinds = new WeakMap<Command, Kind>();

/** How a command was declared; undefined where it has none of its own to do, or was declared past this file. */
export const kindOf = (command: Command): Kind | undefined => kinds.get(command);

function declare<A extends unknown[]>(kind: Kind, command: Command, work: (...args: A) => unknown) {
  kinds.set(command, kind);
  command.action(async (...args: unknown[]) => {
    // Behind its arguments and options commander gives the command itself.
    await work(...(args.slice(0, -1) as A));
  });
}

/** A command that only looks. */
export const looks = <A extends unknown[]>(command: Command, work: (...args: A) => unknown): void => {
  declare('looks', command, work);
};

/** For looks at a person's or an organization's data. */
export const lookOption = (): Option =>
  new Option('--reason <why>', 'kept with the look, and your name').makeOptionMandatory();

/** One that changes something at once: for aids of development, and for what makes an installation. */
export const acts = <A extends unknown[]>(command: Command, work: (...args: A) => unknown): void => {
  declare('acts', command, work);
};

/** One that changes something: it plans, with every guard that doing it has, until `--apply --reason` says that it is meant. */
export function changes<A extends unknown[]>(
  command: Command,
  work: (decision: Decision, ...args: A) => unknown,
): void {
  command
    .option('--apply', 'does it; without it you see what would be done, and nothing is changed')
    .option('--reason <why>', 'needed to do it: kept as evidence, with your name');
  declare('changes', command, async (...args: A) => {
    const { apply = false, reason = '' } = args.at(-1) as Partial<Decision>;
    if (apply && reason.trim() === '')
      throw new Ended(EXIT.usage, 'Say why with --reason <why>: it is kept as evidence.');
    await work({ apply, reason }, ...args);
    if (!apply) say('Nothing was changed. To do it, say --apply --reason <why>.');
  });
}
