import type { operations } from '#contracts';
import type { RingStep } from '#platform';
import { type Command, Option } from 'commander';
import { changes, type Decision } from './declare.ts';
import { endedBy, EXIT, Ended } from './exit.ts';
import { type Installation, spokenTo, withInstallation } from './installation.ts';
import { keeperOf, type Ring } from './keeper.ts';
import { type Form, outputOption, print, say } from './output.ts';
import { OWNERS } from './services.ts';
import { gateways } from './status.cli.ts';

const PURPOSES = ['checks', 'links', 'seals', 'master', 'digests'] as const;
type Purpose = (typeof PURPOSES)[number];

interface Options {
  readonly output: Form;
  readonly envFile?: string;
  readonly evenIfUsed?: boolean;
}

/** A process of the installation, and the names of the keys that it knows for the purpose; none: it has no use for them. */
interface Knowing {
  readonly process: string;
  readonly names: readonly string[];
  readonly began?: Date;
  readonly resting: readonly operations.Resting[];
}

/** The last link that an older key has made ends then: invitations live longest. */
const LINKS_LIVE_DAYS = 30;
const DAY_MS = 86_400_000;

const WILL: Readonly<Record<RingStep, string>> = {
  add: 'A new key would be added, which all accept and none makes anything by.',
  use: 'The new key would make what is new; what the older one has made is still accepted.',
  drop: 'The older key would be taken out: what it has made is accepted no more.',
};
const DONE: Readonly<Record<RingStep, string>> = {
  add: 'A new key was added. It makes nothing yet',
  use: 'The new key makes what is new, as each process starts again',
  drop: 'The older key is out',
};

async function rotate(decision: Decision, purpose: Purpose, { output, envFile, evenIfUsed = false }: Options) {
  if (purpose === 'digests')
    throw new Ended(
      EXIT.refused,
      'The key for digests cannot be changed: accounts, connections and Idempotency-Keys are found by digests of things that nobody has kept. Change the others, and keep it apart from them: docs/operations/keys.md.',
    );
  const ring: Ring = purpose === 'master' ? 'MASTER_KEY' : 'INSTALLATION_KEY';
  const keeper = keeperOf(ring, spokenTo(), envFile);
  const { nextStep, ringNames, stepped } = await import('#platform');
  await withInstallation(async (installation) => {
    const knowing = (await everybody(installation, purpose)).filter(({ names }) => names.length > 0);
    const kept = keeper ? ringNames(keeper.read(), purpose) : agreed(knowing);
    print(
      knowing.map(({ process: name, names }) => ({
        process: name,
        keys: names.join(' '),
        says: same(names, kept) ? 'knows it' : 'to be started again',
      })),
      output,
    );
    const behind = knowing.filter(({ names }) => !same(names, kept));
    if (behind.length > 0)
      throw new Ended(
        EXIT.refused,
        `${keeper?.file ?? ring} says ${kept.join(' ')}. ${keeper?.next ?? 'Start all services and gateways again'}; then say this again.`,
      );
    const step = nextStep(kept);
    if (step === 'drop' && !evenIfUsed) mayDrop(purpose, knowing);
    if (!keeper) throw new Ended(EXIT.refused, byHand(ring, purpose, kept, step));
    if (!decision.apply) {
      say(WILL[step]);
      return;
    }
    await note(installation, { purpose, step, ...decision });
    const { randomSecret } = await import('#local-servers');
    keeper.write(stepped(keeper.read(), purpose, randomSecret()));
    say(`${DONE[step]}: ${keeper.file}. ${keeper.next}${step === 'drop' ? '.' : '; then say this again.'}`);
  });
}

/** Every process that is known, with what it knows. @throws Ended where one does not answer: nobody may be left out */
async function everybody(installation: Installation, purpose: Purpose): Promise<Knowing[]> {
  const request = { purpose, step: '', reason: '', apply: false };
  const asked = OWNERS.map(async (owner) =>
    Promise.all(
      (await installation.replicas(owner)).map(async ({ address, operations: peer }) => {
        const { rings, startedAt, resting } = await peer.rotateKey(request, installation.context());
        return { process: `${owner} ${address}`, names: namesIn(rings, purpose), began: new Date(startedAt), resting };
      }),
    ),
  );
  const services = (await Promise.all(asked).catch((error: unknown) => Promise.reject(endedBy(error)))).flat();
  const heard = await gateways(installation);
  if (heard instanceof Ended) throw heard;
  const silent = heard.find(({ state, standing }) => state !== 'ready' || (standing?.rings ?? []).length === 0);
  if (silent)
    throw new Ended(
      EXIT.refused,
      `The gateway ${silent.standing?.address ?? silent.instance} does not say which keys it knows: it is silent or of an older release. Mend that first ("rollcall status").`,
    );
  return [
    ...services,
    ...heard.map(({ standing }) => ({
      process: `gateway ${standing?.address ?? ''}`,
      names: namesIn(standing?.rings ?? [], purpose),
      resting: [],
    })),
  ];
}

const namesIn = (rings: readonly string[], purpose: Purpose): string[] =>
  rings
    .map((ring) => ring.split(' '))
    .find(([of]) => of === purpose)
    ?.slice(1) ?? [];

const same = (some: readonly string[], others: readonly string[]) => some.join(' ') === others.join(' ');

/** The ring that all have, where it is kept elsewhere. @throws Ended where they have several */
function agreed(knowing: readonly Knowing[]): readonly string[] {
  const rings = new Set(knowing.map(({ names }) => names.join(' ')));
  if (rings.size > 1)
    throw new Ended(
      EXIT.refused,
      `Processes know different keys: ${knowing.map(({ process: name, names }) => `${name}: ${names.join(' ')}`).join('; ')}. Give all of them the same, start them again, then say this again.`,
    );
  return knowing[0]?.names ?? [];
}

/** @throws Ended while something rests on the older key */
function mayDrop(purpose: Purpose, knowing: readonly Knowing[]) {
  const resting = new Map(
    knowing.flatMap(({ resting: rows }) => rows.map(({ what, rows: count }) => [what, count] as const)),
  );
  if (resting.size > 0)
    throw new Ended(
      EXIT.refused,
      `The older key is still needed: ${[...resting].map(([what, count]) => `${count} rows of ${what}`).join(', ')}. ${
        purpose === 'checks'
          ? 'Keys of before the latest start may be of it: wait until they are rotated, or take it out with --even-if-used, and they are malformed.'
          : 'They are sealed again half a minute after a start, and hourly: say this again then.'
      }`,
    );
  if (purpose !== 'links') return;
  const latest = Math.max(...knowing.map(({ began }) => began?.getTime() ?? 0));
  const end = latest + LINKS_LIVE_DAYS * DAY_MS;
  if (Date.now() < end)
    throw new Ended(
      EXIT.refused,
      `Links of the older key may be in mailboxes until ${new Date(end).toISOString()}: wait, or take it out with --even-if-used, and they open nothing.`,
    );
}

/** What to set where the ring is kept elsewhere; keys are named, never shown. */
function byHand(ring: Ring, purpose: Purpose, names: readonly string[], step: RingStep): string {
  const entry = (name: string) =>
    `${purpose === 'master' ? '' : `${purpose}:`}${name.startsWith('+') ? '+' : ''}<${name.replace('+', '')}>`;
  const [next = '', ...older] = names.toSorted((a, b) => Number(b.startsWith('+')) - Number(a.startsWith('+')));
  const entries = {
    add: [...names.map(entry), `${purpose === 'master' ? '' : `${purpose}:`}+<new key>`],
    use: [entry(next.replace('+', '')), ...older.map(entry)],
    drop: names.slice(0, 1).map(entry),
  }[step];
  return `${ring} is kept elsewhere: set the entries for ${purpose} to ${entries.join(',')}${purpose === 'master' ? '' : ', leave those of other purposes (one without a purpose is for all of them: write it once for each)'}, start all again, then say this again.${
    step === 'add' ? ` A new key: node -p "crypto.randomBytes(32).toString('base64url')".` : ''
  }`;
}

async function note(installation: Installation, request: operations.RotateKeyRequest) {
  await Promise.all(OWNERS.map((owner) => installation.operations(owner).rotateKey(request, installation.context())));
}

export function secretCommands(program: Command): void {
  changes(
    program
      .command('secrets')
      .description("the installation's keys")
      .command('rotate')
      .description('renews the key of a purpose without an outage, a step each time that it is said: add, use, drop')
      .argument('<purpose>', PURPOSES.join(', '))
      .option('--env-file <path>', 'the keys are in this file, such as .env; else in <NAME>_FILE or the data folder')
      .addOption(new Option('--even-if-used', 'takes the older key out though things of it may be about'))
      .addOption(outputOption()),
    (decision, purpose: string, options: Options) => {
      const known = PURPOSES.find((each) => each === purpose);
      if (!known) throw new Ended(EXIT.usage, `There is no purpose "${purpose}". Purposes: ${PURPOSES.join(', ')}.`);
      return rotate(decision, known, options);
    },
  );
}
