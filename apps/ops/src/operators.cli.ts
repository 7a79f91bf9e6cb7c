import { type Command, InvalidArgumentError } from 'commander';
import { changes, type Decision, looks } from './declare.ts';
import { EXIT, Ended } from './exit.ts';
import {
  noteChange,
  operatorsFile,
  placeOfKey,
  publicKey,
  readOperators,
  requirePlace,
  writeOperatorKey,
  writeOperators,
} from './operators-file.ts';
import { type Form, outputOption, print, say } from './output.ts';

interface Options {
  readonly file?: string;
  readonly publicKey?: string;
  readonly keyFile?: string;
  readonly output: Form;
}

/** Commander's word for a name that cannot be used; the record notes `operator:<name>`. */
export function operatorName(text: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/i.test(text))
    throw new InvalidArgumentError('Use 1 to 63 letters, digits, dots, hyphens and underscores.');
  return text;
}

async function add({ apply, reason }: Decision, name: string, options: Options) {
  const file = operatorsFile(options.file);
  const operators = readOperators(file);
  if (Object.hasOwn(operators, name))
    throw new Ended(
      EXIT.refused,
      `${name} operates already. For a new key: "rollcall operators remove ${name}", then add ${name} again.`,
    );
  const given = options.publicKey === undefined ? undefined : publicKey(options.publicKey);
  const keyFile = options.keyFile ?? placeOfKey(name);
  if (given === undefined) requirePlace(keyFile, name);
  if (!apply) {
    say(
      `${name} would operate, by ${given === undefined ? `a key made for them in ${keyFile}` : `the key in ${options.publicKey ?? ''}`}.`,
    );
    return;
  }
  // Noted before anything is changed.
  noteChange(file, { action: 'add', name, reason });
  const key = given ?? (await ownKey(name, keyFile));
  writeOperators(file, { ...operators, [name]: key });
  say(`${name} may operate from now on.`);
}

async function ownKey(name: string, keyFile: string): Promise<string> {
  const { makeKeyPair } = await import('#local-servers');
  const pair = makeKeyPair();
  writeOperatorKey(keyFile, name, pair.privateKey);
  say(
    `${keyFile} is the key of ${name}: hand it over by a way that nobody else sees. It is used by ROLLCALL_OPERATOR=${keyFile}`,
  );
  return pair.publicKey;
}

const list = ({ file, output }: Options) => {
  print(
    Object.keys(readOperators(operatorsFile(file))).map((name) => ({ name })),
    output,
  );
};

function remove({ apply, reason }: Decision, name: string, options: Options) {
  const file = operatorsFile(options.file);
  const operators = readOperators(file);
  const { [name]: _gone, ...others } = operators;
  if (!Object.hasOwn(operators, name)) throw new Ended(EXIT.notFound, `Nobody of the name ${name} operates.`);
  if (Object.keys(others).length === 0)
    throw new Ended(
      EXIT.refused,
      `${name} is the last who may operate: nobody could see or mend anything any more. First name another: "rollcall operators add <name>".`,
    );
  if (apply) {
    noteChange(file, { action: 'remove', name, reason });
    writeOperators(file, others);
  }
  say(`${name} ${apply ? 'operates' : 'would operate'} no more; what they began ends within half a minute.`);
}

export function operatorCommands(program: Command): void {
  const operators = program
    .command('operators')
    .description(
      'who may operate an installation: its file of names and public keys, which services read at each call',
    );
  const file = (command: Command) =>
    command.option('--file <path>', 'the file of operators; else operators/operators.json or .rollcall/operators.json');
  changes(
    file(
      operators
        .command('add')
        .description('names one more')
        .argument('<name>', 'as records will call them', operatorName),
    )
      .option('--public-key <path>', 'a key of their own (PEM, Ed25519); else one is made')
      .option('--key-file <path>', 'where the made key goes; else operator-<name>.json, or where theirs was'),
    add,
  );
  looks(file(operators.command('list').description('their names').addOption(outputOption())), list);
  changes(file(operators.command('remove').description('takes one away').argument('<name>', 'as listed')), remove);
}
