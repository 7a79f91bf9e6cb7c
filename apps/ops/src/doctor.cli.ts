import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { FactKind, inactivity, operations } from '#contracts';
import type { Command } from 'commander';
import { looks } from './declare.ts';
import { endedBy, EXIT, Ended } from './exit.ts';
import { type Installation, services, withInstallation } from './installation.ts';
import { NODE_MIN } from './node-version.ts';
import { type Form, outputOption, print, say } from './output.ts';
import { gateways, gatewaySays, statuses, type ServiceAnswer } from './status.cli.ts';

interface Finding {
  readonly service: string;
  readonly check: string;
  readonly outcome: string;
  readonly says: string;
  readonly next: string;
}
interface Options {
  readonly output: Form;
  readonly service?: string;
  readonly invariants?: boolean;
}

const LATE = { warnSeconds: 10, failSeconds: 60 };
const FRONTIER_WARN_MS = 5_000;
const CLOCK_FAIL_MS = 60_000;
/** Findings that an operator must act on come first. */
const URGENCY = ['fail', 'unknown', 'warn', 'ok'];
/** Turns that a work of housekeeping may miss. */
const HOUSEWORK_LATE = 3;

const judged = (
  service: string,
  check: string,
  value: number,
  { warn, fail }: { warn: number; fail: number },
  says: string,
  next: string,
): Finding => ({
  service,
  check,
  outcome: value >= fail ? 'fail' : value >= warn ? 'warn' : 'ok',
  says,
  next: value >= warn ? next : '',
});

/** What can be seen from this machine, without asking anybody. */
function machine(env: NodeJS.ProcessEnv): Finding[] {
  const folder = env.ROLLCALL_DATA ?? '.rollcall';
  const major = Number(process.versions.node.split('.')[0]);
  return [
    {
      service: 'machine',
      check: 'node',
      outcome: major >= NODE_MIN ? 'ok' : 'fail',
      says: `Node ${process.versions.node}`,
      next: major >= NODE_MIN ? '' : 'npm ci',
    },
    ...['secrets.json', 'operator.json', 'operators.json'].flatMap((file) => secrecy(join(folder, file))),
  ];
}

function secrecy(file: string): Finding[] {
  try {
    const open = (statSync(file).mode & 0o077) !== 0;
    return [
      {
        service: 'machine',
        check: file,
        outcome: open ? 'fail' : 'ok',
        says: open ? 'others can read it' : 'for its owner alone',
        next: open ? `chmod 600 ${file}` : '',
      },
    ];
  } catch {
    return [];
  }
}

/** Newer shapes of facts that come in place of those that it reads: what is said by them passes it by. */
function passedBy({ lags, factKinds: known }: operations.Status, kinds: readonly FactKind[]): string[] {
  const reads = (topic: string) => lags.some(({ kind, of }) => kind === 'consumer' && of.startsWith(`${topic}/`));
  return kinds.flatMap(({ topic, next }) => (next && reads(topic) && !known.includes(next.name) ? [next.name] : []));
}

/** The findings in a service's own report. @param kinds facts as this release knows them. */
export function ofService(answer: ServiceAnswer, kinds: readonly FactKind[]): Finding[] {
  const service = answer.owner;
  if ('failure' in answer)
    return [
      {
        service,
        check: 'answers',
        outcome: 'fail',
        says: answer.failure.message,
        next: 'look at its log; start it again',
      },
    ];
  const { state, reasons, outbox, lags, parked, frontierAgeMs, frontierBlocker, clockSkewMs, housekeeping } =
    answer.status;
  const waiting = (parked?.failed ?? 0) + (parked?.gap ?? 0) + (parked?.waiting ?? 0);
  const late = { warn: LATE.warnSeconds, fail: LATE.failSeconds };
  const aged = lags.flatMap(({ behindSeconds, ...lag }) =>
    behindSeconds === undefined ? [] : [{ ...lag, behindSeconds }],
  );
  const latest = aged.toSorted((a, b) => b.behindSeconds - a.behindSeconds)[0];
  const idle = housekeeping.filter(({ idleSeconds, everySeconds }) => idleSeconds >= HOUSEWORK_LATE * everySeconds);
  const unread = passedBy(answer.status, kinds);
  const ageless = lags.filter(({ behindSeconds }) => behindSeconds === undefined);
  return [
    {
      service,
      check: 'ready',
      outcome: state !== 'ready' ? 'fail' : reasons.length > 0 ? 'warn' : 'ok',
      says: reasons.length > 0 ? reasons.join('; ') : 'answers',
      next: reasons.length > 0 ? 'rollcall status' : '',
    },
    judged(
      service,
      'outbox',
      // One that fails publishes nothing, however little waits for it by now.
      outbox?.state === 'failing' ? Infinity : (outbox?.behindSeconds ?? 0),
      late,
      `${outbox?.state ?? 'none'}, ${outbox?.behindEvents ?? 0} events behind`,
      'rollcall outbox status',
    ),
    judged(
      service,
      'lag',
      latest?.behindSeconds ?? 0,
      late,
      latest && latest.behindEvents > 0
        ? `${latest.name} is ${Math.round(latest.behindSeconds)} s behind in ${latest.of}`
        : 'nothing is behind',
      'rollcall lag',
    ),
    {
      service,
      check: 'facts',
      outcome: unread.length > 0 ? 'fail' : 'ok',
      says: unread.length > 0 ? `its release cannot read ${unread.join(', ')}` : 'all that it is sent can be read',
      next: unread.length > 0 ? `upgrade ${service} before whoever sends them` : '',
    },
    ...ageless.map(({ name, of, behindEvents }) => ({
      service,
      check: 'lag',
      outcome: 'warn',
      says: `${name} is ${behindEvents} facts behind in ${of}, nobody knows for how long: what is next there has no time`,
      next: 'rollcall lag',
    })),
    judged(service, 'parked', waiting, { warn: 1, fail: Infinity }, `${waiting} facts`, 'rollcall parked list'),
    judged(
      service,
      'frontier',
      frontierAgeMs,
      { warn: FRONTIER_WARN_MS, fail: LATE.failSeconds * 1000 },
      frontierBlocker === undefined
        ? 'nothing holds the followers up'
        : `held up for ${Math.round(frontierAgeMs / 1000)} s by ${frontierBlocker}`,
      'end that transaction',
    ),
    judged(
      service,
      'housekeeping',
      idle.length,
      { warn: 1, fail: Infinity },
      idle.length === 0
        ? 'nothing grows for ever'
        : idle
            .map(
              ({ name, idleSeconds }) =>
                `${name} grows: what is old was not removed for ${Math.round(idleSeconds / 60)} min`,
            )
            .join('; '),
      'its log says why ("housekeeping of …"); mend that, and it is tried again within a minute',
    ),
    judged(
      service,
      'clock',
      Math.abs(clockSkewMs),
      { warn: 5_000, fail: CLOCK_FAIL_MS },
      `${Math.round(clockSkewMs)} ms from the database's`,
      'set the clock of the machine (NTP)',
    ),
    ...ofPromotion(answer.status),
  ];
}

/** What a promotion would need, before there is one. A service of an earlier release says nothing of it. */
function ofPromotion({ service, promotion }: operations.Status): Finding[] {
  if (!promotion) return [];
  const { standbys, doubt } = promotion;
  const waits = doubt !== undefined && standbys > 0;
  return [
    {
      service,
      check: 'promotion',
      outcome: waits ? 'warn' : 'ok',
      says:
        doubt === undefined
          ? 'a standby that is promoted is gone on with by itself: each commit waits for all of them'
          : waits
            ? `a standby that is promoted would wait for a person: ${doubt}`
            : 'no standby follows its database',
      next: waits ? 'let each commit wait for all standbys (docs/operations/failover.md)' : '',
    },
  ];
}

/** Lately so often started again that something ends it. */
const RESTARTS_WARN = 3;

/** The findings in what is known of gateways. */
export function ofGateways(known: readonly inactivity.Gateway[] | Ended): Finding[] {
  if (known instanceof Ended)
    return [
      {
        service: 'gateway',
        check: 'heard',
        outcome: 'unknown',
        says: `inactivity-policy, which hears gateways, cannot be asked: ${known.message}`,
        next: 'rollcall status',
      },
    ];
  if (known.length === 0)
    return [
      { service: 'gateway', check: 'heard', outcome: 'fail', says: 'no gateway is heard', next: 'start a gateway' },
    ];
  return known.map((gateway) => {
    const outcome =
      gateway.state !== 'ready'
        ? 'fail'
        : gateway.standing?.leased === false || gateway.restarts >= RESTARTS_WARN
          ? 'warn'
          : 'ok';
    return {
      service: 'gateway',
      check: gateway.standing?.address ?? gateway.instance,
      outcome,
      says: gatewaySays(gateway),
      next:
        outcome === 'fail'
          ? 'is its process alive? look at its log; when it is dead for good: rollcall inactivity gaps'
          : outcome === 'warn'
            ? 'look at its log'
            : '',
    };
  });
}

async function invariants(installation: Installation, name?: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  // One service after the other: comparing read models takes a core.
  for (const service of services(name)) {
    say(`Checking the invariants of ${service} …`);
    try {
      for await (const { invariant, outcome, says, next } of installation
        .operations(service)
        .checkInvariants({ rebuild: true }, installation.context()))
        findings.push({ service, check: invariant, outcome, says, next });
    } catch (error) {
      findings.push({
        service,
        check: 'invariants',
        outcome: 'unknown',
        says: endedBy(error).message,
        next: 'rollcall status',
      });
    }
  }
  return findings;
}

async function doctor({ output, service, invariants: thorough = false }: Options) {
  const { factKinds } = await import('#contracts');
  await withInstallation(async (installation) => {
    const findings = [
      ...machine(process.env),
      ...(await statuses(installation, service)).flatMap((answer) => ofService(answer, Object.values(factKinds))),
      ...(service === undefined ? ofGateways(await gateways(installation)) : []),
      ...(thorough ? await invariants(installation, service) : []),
    ];
    print(
      findings.toSorted((a, b) => URGENCY.indexOf(a.outcome) - URGENCY.indexOf(b.outcome)).map((each) => ({ ...each })),
      output,
    );
    const count = (outcome: string) => findings.filter((finding) => finding.outcome === outcome).length;
    say(`${count('ok')} ok, ${count('warn')} warn, ${count('fail')} fail, ${count('unknown')} unknown.`);
    if (findings.some(({ outcome, check }) => outcome === 'fail' && check === 'I2'))
      throw new Ended(EXIT.drift, 'A read model has drifted.');
    if (count('fail') + count('unknown') > 0)
      throw new Ended(EXIT.fault, 'Something needs a hand: see the last column.');
  });
}

export function doctorCommands(program: Command): void {
  looks(
    program
      .command('doctor')
      .description('looks at everything: ok, warn, fail or unknown, each with what to do')
      .option('--invariants', 'also check what must always be true, and compare every read model with a fresh build')
      .option('--service <name>', 'only this one')
      .addOption(outputOption()),
    doctor,
  );
}
