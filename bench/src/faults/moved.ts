import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { apiKeyDigest, type CallContext, Problem } from '#platform';
import { Cluster, freePort, serviceHarness, type ServiceHarness, TcpProxy } from '#testing';
import { keyManagement } from '../../../apps/key-management/src/key-management.module.ts';
import { Pooler } from './pooler.ts';

const WRITERS = 8;
const WORK_MS = 2_000;
const WORD_MAX_MS = 30_000;
const BASE = [
  'wal_level=replica',
  'max_wal_senders=10',
  'wal_keep_size=256MB',
  'autovacuum=off',
  'max_connections=200',
];

/** What a service says of its log: `whole` it answers, `ready` it does and nothing is wrong with the way to it. */
type Word = 'whole' | 'older' | 'unproven' | 'silent';

/** What a round has shown. */
interface Shown {
  readonly word: Word;
  /** From the kill until it was said. */
  readonly ms: number;
  /** Acknowledged events that the database has not. */
  readonly lost: number;
  /** Requests with a key whose revocation had returned before they were sent. */
  readonly accepted: number;
  readonly wrong: readonly string[];
}

/** Moves of the database under a key-management at work, and what must be said of each: whether all held. */
export async function moved({ rounds }: { readonly rounds: number }): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-faults-moved-'));
  chmodSync(folder, 0o755);
  const empty = await Cluster.make(join(folder, 'empty'), BASE);
  writeFileSync(
    join(folder, 'empty', 'pg_hba.conf'),
    'host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n',
  );
  const total = { rounds: 0, accepted: 0, byHandThoughStrict: 0, falseOlder: 0, wrong: 0 };
  try {
    for (let round = 1; round <= rounds; round++)
      for (const [kind, play] of Object.entries(KINDS)) {
        if (kind.startsWith('pooler') && !Pooler.isThere()) {
          console.log(`  ${kind}: not played: no pgbouncer on the path, nor named by PGBOUNCER`);
          total.wrong++;
          continue;
        }
        const site = new Site(join(folder, `${round}-${kind.replaceAll(' ', '-')}`), empty);
        try {
          const shown = await play(site);
          total.rounds++;
          total.accepted += shown.accepted;
          if (STRICT.has(kind) && shown.word === 'unproven') total.byHandThoughStrict++;
          if (STRICT.has(kind) && shown.word === 'older' && shown.lost === 0) total.falseOlder++;
          total.wrong += shown.wrong.length;
          console.log(
            `  ${round} ${kind}: ${shown.word} after ${(shown.ms / 1_000).toFixed(2)} s, acknowledged ${site.acknowledged}, lost ${shown.lost}, revoked ${site.revoked.length}, accepted after it ${shown.accepted}${shown.wrong.length > 0 ? `; WRONG: ${shown.wrong.join(', ')}` : ''}`,
          );
        } finally {
          await site.stop();
        }
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const held = total.accepted + total.byHandThoughStrict + total.falseOlder + total.wrong === 0;
  console.log(
    `faults moved: rounds ${total.rounds}, accepted after a revoke ${total.accepted}, by hand though strict ${total.byHandThoughStrict}, false "older" ${total.falseOlder}, otherwise wrong ${total.wrong}`,
  );
  return held;
}

/** A cluster with its standbys, a name that leads to one of them, and a key-management with its clients. */
class Site {
  private readonly clusters: Cluster[] = [];
  private harness: ServiceHarness | undefined;
  private proxy: TcpProxy | undefined;
  private pooler: Pooler | undefined;
  private working = false;
  private workers: Promise<unknown>[] = [];
  private readonly owner = { accountId: randomUUID(), organizationId: randomUUID(), projectId: randomUUID() };
  private readonly events: { stream: string; version: number }[] = [];
  readonly revoked: string[] = [];
  accepted = 0;
  /** Why nothing could be done at all. */
  trouble = '';

  constructor(
    private readonly folder: string,
    private readonly empty: Cluster,
  ) {}

  get acknowledged(): number {
    return this.events.length;
  }

  /** A cluster, with standbys of these names that it waits for as it is told. */
  async begin({
    standbys = [],
    names = '',
    mode,
  }: { standbys?: readonly string[]; names?: string; mode?: 'session' | 'transaction' } = {}): Promise<
    readonly Cluster[]
  > {
    const primary = this.kept(this.empty.copy(`${this.folder}-primary`, { port: await freePort(), settings: BASE }));
    const followers: Cluster[] = [];
    for (const name of standbys) followers.push(this.kept(await primary.standby(`${this.folder}-${name}`, name, BASE)));
    await primary.start([...BASE, `synchronous_standby_names=${names}`]);
    for (const each of followers) await each.start();
    this.proxy = await TcpProxy.to(`127.0.0.1:${primary.port}`);
    if (mode) this.pooler = await Pooler.start(`${this.folder}-pooler`, this.proxy.port, mode);
    process.env.ROLLCALL_TEST_POSTGRES = `postgres://postgres:moved@127.0.0.1:${this.pooler?.port ?? this.proxy.port}/postgres`;
    if (mode) await pause(500);
    this.harness = await serviceHarness([{ service: keyManagement, config: () => Promise.resolve({ lease: 2 }) }]);
    const { accountId, organizationId, projectId } = this.owner;
    // As its inbox would write them.
    for (const row of [
      `projects (project_id, organization_id, name, archived) VALUES ('${projectId}', '${organizationId}', 'moved', false)`,
      `members (organization_id, account_id, role) VALUES ('${organizationId}', '${accountId}', 'owner')`,
      `project_members (project_id, organization_id, account_id) VALUES ('${projectId}', '${organizationId}', '${accountId}')`,
    ])
      await this.sql(primary, `INSERT INTO ${row}`);
    return [primary, ...followers];
  }

  /** Clients create keys, use and revoke them, for so long; then on, whatever they are told, until they are stopped. */
  async work(ms = WORK_MS): Promise<void> {
    if (!this.working) {
      this.working = true;
      this.workers = Array.from({ length: WRITERS }, (_, n) => this.client(n));
    }
    await pause(ms);
  }

  async rest(): Promise<void> {
    this.working = false;
    await Promise.all(this.workers);
  }

  private async client(n: number) {
    for (let turn = 0; this.working; turn++) {
      try {
        const issued = await this.keys.issueKey(
          { ...this.owner, name: `${n} ${turn}`, scopes: [], addresses: [] },
          context(),
        );
        const keyId = issued.key?.keyId ?? '';
        this.events.push({ stream: `key-${keyId}`, version: 1 });
        if (turn % 2 === 0) {
          await this.keys.revokeKey({ accountId: this.owner.accountId, keyId, reason: '' }, context());
          this.events.push({ stream: `key-${keyId}`, version: 2 });
          this.revoked.push(issued.secret);
        }
        await this.probe();
      } catch (error) {
        if (this.events.length === 0) this.trouble ||= String(error);
        await pause(20);
        await this.probe().catch(() => undefined);
      }
    }
  }

  /** A key whose revocation has returned, newest ones first. */
  private async probe() {
    const secret = this.revoked.at(-1 - Math.floor(Math.random() * 8)) ?? this.revoked.at(-1);
    if (secret !== undefined) await this.ask([secret]);
  }

  private async ask(secrets: readonly string[]) {
    const { verdicts } = await this.gate.verifyKeys({ digests: secrets.map(apiKeyDigest) }, context());
    this.accepted += verdicts.filter(({ outcome }) => outcome === 'good').length;
  }

  /** Every key whose revocation has returned, once more. */
  async askAll(): Promise<void> {
    for (let from = 0; from < this.revoked.length; from += 100)
      await this.ask(this.revoked.slice(from, from + 100)).catch(() => undefined);
  }

  /** The name leads there from now on, and what is open breaks. */
  async lead(to: Cluster): Promise<void> {
    await this.proxy?.lead(to.port);
  }

  /** What it says once it has made up its mind; unproven only when it goes on saying so. */
  async word(from: number, patienceMs = WORD_MAX_MS): Promise<{ word: Word; ms: number }> {
    let word: Word = 'silent';
    while (performance.now() - from < patienceMs) {
      word = await this.gate.verifyKeys({ digests: ['00'] }, context()).then(
        () => 'whole' as const,
        (error: unknown) =>
          error instanceof Problem && error.code === 'log/older'
            ? 'older'
            : error instanceof Problem && error.code === 'log/unproven'
              ? 'unproven'
              : 'silent',
      );
      if (word === 'whole' || word === 'older') break;
      await pause(50);
    }
    return { word, ms: performance.now() - from };
  }

  /** Acknowledged events that are not there. */
  async lost(cluster: Cluster): Promise<number> {
    const [row] = await this.sql<{ lost: number }>(
      cluster,
      `SELECT count(*)::int AS lost FROM unnest($1::text[], $2::int[]) AS p(stream_id, version) LEFT JOIN events USING (stream_id, version) WHERE event_id IS NULL`,
      [this.events.map(({ stream }) => stream), this.events.map(({ version }) => version)],
    );
    return row?.lost ?? -1;
  }

  /** Why the service is not ready. */
  async reasons(): Promise<string> {
    const { reasons } = await this.peers('operator:ada').of('key-management', 'Operations').getStatus({}, context());
    return reasons.join('; ');
  }

  async shown(
    cluster: Cluster,
    said: { word: Word; ms: number },
    wanted: readonly Word[],
    more: readonly string[] = [],
  ): Promise<Shown> {
    await this.askAll();
    await this.rest();
    return {
      ...said,
      lost: await this.lost(cluster),
      accepted: this.accepted,
      wrong: [
        ...(this.events.length > 0 ? [] : [`nothing was acknowledged: ${this.trouble}`]),
        ...(wanted.includes(said.word) ? [] : [`it should say ${wanted.join(' or ')}`]),
        ...more,
      ],
    };
  }

  /** A copy as it is, of a cluster that does not run; at the same address. */
  copy(cluster: Cluster, name: string): Cluster {
    return this.kept(cluster.copy(`${this.folder}-${name}`));
  }

  async stop(): Promise<void> {
    await this.rest();
    // Its databases are gone with their servers.
    await Promise.race([this.harness?.stop().catch(() => undefined), pause(5_000)]);
    await this.proxy?.cut();
    this.pooler?.stop();
    for (const each of this.clusters) {
      await each.kill();
      rmSync(each.folder, { recursive: true, force: true });
    }
  }

  private sql<R extends object>(cluster: Cluster, text: string, values: unknown[] = []): Promise<R[]> {
    return cluster.query<R>(text, values, this.running.database('key-management').name);
  }

  private kept(cluster: Cluster): Cluster {
    this.clusters.push(cluster);
    return cluster;
  }

  private get running(): ServiceHarness {
    if (!this.harness) throw new Error('nothing was begun');
    return this.harness;
  }

  private peers(caller: 'gateway' | 'operator:ada') {
    return this.running.peer(caller);
  }

  private get keys() {
    return this.peers('gateway').of('key-management', 'Keys');
  }

  private get gate() {
    return this.peers('gateway').of('key-management', 'Gate');
  }
}

const context = (): CallContext => ({ correlationId: randomUUID(), actor: 'service:gateway', timeoutMs: 5_000 });

/** Of these a person is never waited for, and nobody calls what is whole older. */
const STRICT = new Set(['synchronous', 'restarted', 'pooler, session']);

const KINDS: Readonly<Record<string, (site: Site) => Promise<Shown>>> = {
  'restarted': async (site) => {
    const [primary] = await site.begin();
    if (!primary) throw new Error('there is no cluster');
    await site.work();
    const from = performance.now();
    await primary.kill();
    await primary.start();
    return site.shown(primary, await site.word(from), ['whole']);
  },
  'put back': async (site) => {
    const [primary] = await site.begin();
    if (!primary) throw new Error('there is no cluster');
    await site.work();
    await primary.kill();
    const copy = site.copy(primary, 'copy');
    await primary.start();
    await site.word(performance.now());
    await site.work();
    const from = performance.now();
    await primary.kill();
    await copy.start();
    return site.shown(copy, await site.word(from), ['older']);
  },
  'synchronous': async (site) => {
    const [primary, standby] = await site.begin({ standbys: ['s1'], names: 's1' });
    if (!primary || !standby) throw new Error('there is no standby');
    await site.work();
    const from = performance.now();
    await primary.kill();
    await standby.promote();
    await site.lead(standby);
    const said = await site.word(from);
    await site.work(1_000);
    return site.shown(standby, said, ['whole']);
  },
  'asynchronous': async (site) => {
    const [primary, standby] = await site.begin({ standbys: ['s1'] });
    if (!primary || !standby) throw new Error('there is no standby');
    await site.work();
    const from = performance.now();
    await primary.kill();
    await standby.promote();
    await site.lead(standby);
    return site.shown(standby, await site.word(from, 8_000), ['older', 'unproven']);
  },
  'ANY 1, laggard': async (site) => {
    const [primary, , laggard] = await site.begin({ standbys: ['s1', 's2'], names: 'ANY 1 (s1, s2)' });
    if (!primary || !laggard) throw new Error('there is no standby');
    await site.work();
    await laggard.kill();
    await site.work();
    const from = performance.now();
    await primary.kill();
    await laggard.start();
    await laggard.promote();
    await site.lead(laggard);
    return site.shown(laggard, await site.word(from, 8_000), ['older', 'unproven']);
  },
  'twin': async (site) => {
    const [primary, one, two] = await site.begin({ standbys: ['s1', 's2'], names: 'ANY 2 (s1, s2)' });
    if (!primary || !one || !two) throw new Error('there is no standby');
    await site.work();
    await primary.kill();
    await Promise.all([one.promote(), two.promote()]);
    await site.lead(one);
    const first = await site.word(performance.now());
    await site.work();
    const from = performance.now();
    await site.lead(two);
    return site.shown(
      two,
      await site.word(from),
      ['older'],
      first.word === 'whole' ? [] : ['the first twin was refused'],
    );
  },
  'pooler, session': async (site) => {
    const [primary] = await site.begin({ mode: 'session' });
    if (!primary) throw new Error('there is no cluster');
    await site.work();
    const ready = await site.reasons();
    const from = performance.now();
    await primary.kill();
    await primary.start();
    return site.shown(primary, await site.word(from), ['whole'], ready.includes('pooler') ? [ready] : []);
  },
  'pooler, transaction': async (site) => {
    const from = performance.now();
    const says = await site.begin({ mode: 'transaction' }).then(
      () => site.reasons(),
      (error: unknown) => String(error),
    );
    return {
      word: 'unproven',
      ms: performance.now() - from,
      lost: 0,
      accepted: site.accepted,
      wrong: says.includes('pool_mode = session') ? [] : [`it is ready, or does not say why not (${says})`],
    };
  },
};
