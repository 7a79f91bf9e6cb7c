import { makeKeyPair } from '#local-servers';
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT, Ended } from './exit.ts';
import { operatorsFile, publicKey, readOperators, writeOperatorKey, writeOperators } from './operators-file.ts';
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

function add(name: string, options: Options) {
  const file = operatorsFile(options.file);
  const operators = readOperators(file);
  if (Object.hasOwn(operators, name))
    throw new Ended(
      EXIT.refused,
      `${name} operates already. For a new key: "rollcall operators remove ${name}", then add ${name} again.`,
    );
  writeOperators(file, {
    ...operators,
    [name]:
      options.publicKey === undefined
        ? ownKey(name, options.keyFile ?? `operator-${name}.json`)
        : publicKey(options.publicKey),
  });
  say(`${name} may operate from now on.`);
}

function ownKey(name: string, keyFile: string): string {
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

function remove(name: string, options: Options) {
  const file = operatorsFile(options.file);
  const operators = readOperators(file);
  const { [name]: _gone, ...others } = operators;
  if (!Object.hasOwn(operators, name)) throw new Ended(EXIT.notFound, `Nobody of the name ${name} operates.`);
  writeOperators(file, others);
  say(
    `${name} operates no more: what they began ends within half a minute.${Object.keys(others).length === 0 ? ' Nobody is left who may; "rollcall operators add <name>" names one.' : ''}`,
  );
}

export function operatorCommands(program: Command): void {
  const operators = program
    .command('operators')
    .description(
      'who may operate an installation: its file of names and public keys, which services read at each call',
    );
  const file = (command: Command) =>
    command.option('--file <path>', 'the file of operators; else operators/operators.json or .rollcall/operators.json');
  file(
    operators
      .command('add')
      .description('names one more')
      .argument('<name>', 'as records will call them', operatorName),
  )
    .option('--public-key <path>', 'a key of their own (PEM, Ed25519); else one is made')
    .option('--key-file <path>', 'where the made key goes; else operator-<name>.json')
    .action(add);
  file(operators.command('list').description('their names').addOption(outputOption())).action(list);
  file(operators.command('remove').description('takes one away').argument('<name>', 'as listed')).action(remove);
}
