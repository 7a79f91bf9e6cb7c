import { spawn, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, processFacts } from '#local-servers';

const TOOLS = join(import.meta.dirname, '../../../tools/keycloak');
const START_MAX_MS = 300_000;
/** Of its own database, on this machine, for as long as a test runs. */
const ADMIN = { KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin' };
// 300 MB, and the least of processor time until it is up.
const JAVA = [
  ...['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError'],
  ...['util', 'util.concurrent', 'security'].map((part) => `--add-opens=java.base/java.${part}=ALL-UNNAMED`),
  '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
];

/** A Keycloak with the realm `acme` (tools/keycloak/acme-realm.json), as it was at first. */
export interface Keycloak {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** `127.0.0.1:port`, as SSO_PRIVATE_HOSTS has it. */
  readonly host: string;
  /** Of the realm. */
  readonly issuer: string;
  /** Asks the realm's administration: a path below `/admin/realms/acme`. Answers JSON, or undefined where there is no body. */
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Changes attributes of a client. @param clientId as the provider knows it: SAML's entity id */
  setClient(clientId: string, attributes: Readonly<Record<string, string>>): Promise<void>;
  /** Changes a user. */
  setUser(username: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A Keycloak of a test's own; what it takes to start one is made at the first time and kept in `~/.cache/rollcall`. Undefined, with the
 * reason printed, where there is no Java or Maven. @throws in CI, where no test may be skipped.
 */
export async function testKeycloak(): Promise<Keycloak | undefined> {
  const prepared = spawnSync(join(TOOLS, 'prepare.sh'), { encoding: 'utf8' });
  if (prepared.status === 0) return startKeycloak(prepared.stdout.trim());
  const why = `Single sign-on is not tried on Keycloak: ${prepared.stderr.trim()}`;
  if (process.env.CI) throw new Error(why);
  process.stderr.write(`${why}\n`);
  return undefined;
}

async function startKeycloak(home: string): Promise<Keycloak> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-keycloak-'));
  cpSync(await preparedData(home), join(folder, 'data'), { recursive: true });
  const { origin, stop } = await running(home, folder);
  return new Administered(origin, async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
}

/** Its database with the realm in it: importing takes longer than all the rest. */
async function preparedData(home: string): Promise<string> {
  const realm = join(TOOLS, 'acme-realm.json');
  const kept = join(dirname(home), `data-${hash('sha256', readFileSync(realm), 'hex').slice(0, 16)}`);
  if (existsSync(kept)) return kept;
  const folder = mkdtempSync(join(dirname(home), 'importing-'));
  mkdirSync(join(folder, 'data', 'import'), { recursive: true });
  cpSync(realm, join(folder, 'data', 'import', 'acme-realm.json'));
  await (await running(home, folder, ['--import-realm'])).stop();
  // Of two that make it at once one is enough.
  if (!existsSync(kept)) renameSync(join(folder, 'data'), kept);
  rmSync(folder, { recursive: true, force: true });
  return kept;
}

async function running(home: string, folder: string, flags: readonly string[] = []) {
  // What it writes lies in its home, of which this is one more.
  for (const part of ['lib', 'conf', 'providers', 'themes']) symlinkSync(join(home, part), join(folder, part));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const log = join(folder, 'log');
  // The shell ends Java when its standard input closes: so Keycloak never outlives the test.
  const child = spawn(
    'sh',
    [
      ...['-c', '"$@" > "$LOG" 2>&1 < /dev/null & echo $!; cat > /dev/null; kill $!; wait', 'sh', 'java', ...JAVA],
      ...[`-Dkc.home.dir=${folder}`, `-Djboss.server.config.dir=${folder}/conf`, '-cp', 'lib/quarkus-run.jar'],
      ...['io.quarkus.bootstrap.runner.QuarkusEntryPoint', 'start', '--optimized', '--cache=local'],
      ...['--http-enabled=true', '--http-host=127.0.0.1', `--http-port=${port}`, `--hostname=${origin}`, ...flags],
    ],
    { cwd: folder, env: { PATH: process.env.PATH, LOG: log, ...ADMIN }, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const pid = Number(await new Promise<string>((done) => createInterface(child.stdout).once('line', done)));
  // A test that nobody ran stops nothing: the run ends all the same, and Keycloak with it.
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) (pipe as Socket).unref();
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  for (const deadline = Date.now() + START_MAX_MS; !(await answers(origin)); await pause(100)) {
    if (processFacts.command(pid) && Date.now() < deadline) continue;
    await stop();
    throw new Error(`Keycloak did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
  }
  return { origin, stop };
}

const answers = (origin: string): Promise<boolean> =>
  fetch(`${origin}/realms/acme/.well-known/openid-configuration`).then(
    ({ ok }) => ok,
    () => false,
  );

class Administered implements Keycloak {
  readonly host: string;
  readonly issuer: string;

  constructor(
    readonly origin: string,
    readonly stop: () => Promise<void>,
  ) {
    this.host = new URL(origin).host;
    this.issuer = `${origin}/realms/acme`;
  }

  async admin(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.origin}/admin/realms/acme${path}`, {
      method,
      headers: { 'authorization': `Bearer ${await this.token()}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Keycloak answered ${method} ${path} with ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async setClient(clientId: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    const client = await this.only(`/clients?clientId=${encodeURIComponent(clientId)}`);
    await this.admin('PUT', `/clients/${client.id}`, {
      ...client,
      attributes: { ...(client.attributes as object), ...attributes },
    });
  }

  async setUser(username: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    const user = await this.only(`/users?exact=true&username=${username}`);
    await this.admin('PUT', `/users/${user.id}`, { ...user, ...fields });
  }

  private async only(path: string) {
    const [found] = (await this.admin('GET', path)) as ({ id: string } & Record<string, unknown>)[];
    if (!found) throw new Error(`Keycloak has nothing at ${path}`);
    return found;
  }

  /** Anew each time: it is good for a minute. */
  private async token(): Promise<string> {
    const answer = await fetch(`${this.origin}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: 'admin-cli',
        username: ADMIN.KC_BOOTSTRAP_ADMIN_USERNAME,
        password: ADMIN.KC_BOOTSTRAP_ADMIN_PASSWORD,
      }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }
}
