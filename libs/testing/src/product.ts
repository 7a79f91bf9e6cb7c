import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '#local-servers';
import { unlikeDocument } from './described.ts';

const HERE = '.';
const START_MAX_MS = 120_000;
const SILENT_MAX_MS = 60_000;
const MAIL_MAX_MS = 60_000;

/** A mail that was caught. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** What a command has said, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests read what they expect; a wrong shape fails them
  readonly body: any;
}

/** How the product is started: the npm script and its arguments. */
export interface Way {
  readonly script: 'start' | 'start:services';
  readonly args?: readonly string[];
  /** Where the project that is run has been built: another release, say. Here, when it is not given. */
  readonly folder?: string;
}

/** The whole product as its users run it: `npm start`'s process, from the build, on a data folder and a port of its own. */
export class Product {
  private process: ChildProcess | undefined;
  printed = '';

  private constructor(
    readonly port: number,
    readonly dataFolder: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly command: readonly string[],
    private readonly folder = HERE,
  ) {}

  /**
   * @param way `npm start` is one process; `start:services` one a service, with a broker, and takes arguments.
   * @param prepare gets the data folder before the first start.
   */
  static async start(
    env: NodeJS.ProcessEnv = {},
    way: Way = { script: 'start' },
    prepare?: (dataFolder: string) => Promise<void>,
  ): Promise<Product> {
    const { script, args = [], folder } = way;
    const product = new Product(
      await freePort(),
      mkdtempSync(join(tmpdir(), 'rollcall-e2e-')),
      env,
      [script === 'start' ? 'main.js' : 'main-services.js', ...args],
      folder,
    );
    await prepare?.(join(product.dataFolder, 'data'));
    await product.begin();
    return product;
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  /** Where services of the platform ask the first gateway: by HTTP, and by gRPC. Others after each start. */
  get internal(): { readonly origin: string; readonly grpc: string } {
    const [, origin, grpc] = /(http:\/\/127\.0\.0\.1:\d+) \(gRPC: (127\.0\.0\.1:\d+)\)/.exec(this.printed) ?? [];
    if (origin === undefined || grpc === undefined)
      throw new Error(`Rollcall has not said where services may ask: ${this.printed}`);
    return { origin, grpc };
  }

  get pid(): number {
    return this.process?.pid ?? 0;
  }

  /** Starts it (again) and waits until it says that it is ready. `env` is for this start alone. */
  async begin(env: NodeJS.ProcessEnv = {}): Promise<void> {
    this.printed = '';
    const [program = '', ...args] = this.command;
    const child = spawn(process.execPath, ['--enable-source-maps', `dist/apps/rollcall/src/${program}`, ...args], {
      cwd: this.folder,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        PORT: String(this.port),
        ROLLCALL_DATA: join(this.dataFolder, 'data'),
        ...this.env,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    await new Promise<void>((ready, failed) => {
      const late = setTimeout(() => {
        failed(new Error(`Rollcall was not ready in time: ${this.printed}`));
      }, START_MAX_MS);
      const heard = (chunk: Buffer) => {
        this.printed += chunk.toString();
        if (this.printed.includes('is ready at')) {
          clearTimeout(late);
          ready();
        }
      };
      child.stdout.on('data', heard);
      child.stderr.on('data', heard);
      child.once('exit', (code) => {
        clearTimeout(late);
        failed(new Error(`Rollcall ended with ${code}: ${this.printed}`));
      });
    });
  }

  /** Ends it by a signal and waits for its end; the exit code, or null when the signal killed it. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    child.kill(signal);
    return ended;
  }

  /** Runs the `rollcall` command on this installation. */
  rollcall(...args: readonly string[]): Promise<Ran> {
    return new Promise((done) => {
      execFile(
        process.execPath,
        ['dist/apps/ops/src/main.js', ...args],
        {
          env: {
            ...process.env,
            NODE_OPTIONS: '',
            PORT: String(this.port),
            ROLLCALL_DATA: join(this.dataFolder, 'data'),
            ...this.env,
          },
          timeout: 120_000,
          maxBuffer: 64 * 2 ** 20,
        },
        (error, stdout, stderr) => {
          done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
        },
      );
    });
  }

  /** Runs a command that goes on, and ends it after a while as Ctrl-C does. */
  rollcallFor(ms: number, ...args: readonly string[]): Promise<Ran> {
    return new Promise((done) => {
      const child = execFile(
        process.execPath,
        ['dist/apps/ops/src/main.js', ...args],
        {
          env: {
            ...process.env,
            NODE_OPTIONS: '',
            PORT: String(this.port),
            ROLLCALL_DATA: join(this.dataFolder, 'data'),
            ...this.env,
          },
        },
        (error, stdout, stderr) => {
          done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
        },
      );
      // One that has not begun to speak is not there yet: on a busy machine starting takes seconds.
      const silent = setTimeout(() => child.kill('SIGINT'), SILENT_MAX_MS);
      child.stdout?.once('data', () => {
        clearTimeout(silent);
        setTimeout(() => child.kill('SIGINT'), ms);
      });
    });
  }

  async dispose(): Promise<void> {
    await this.end();
    rmSync(this.dataFolder, { recursive: true, force: true });
  }

  /** A person with a cookie jar and no session yet. */
  visitor(): Visitor {
    return new Visitor(this.origin, this.folder === HERE);
  }

  /** The newest mail to an address whose subject matches, waited for. */
  async mail(to: string, subject: RegExp): Promise<Mail> {
    for (const deadline = Date.now() + MAIL_MAX_MS; Date.now() < deadline; await pause(100)) {
      const { body } = await this.visitor().get(`/dev/mail?to=${encodeURIComponent(to)}`);
      const found = (body as { items: Mail[] }).items.findLast((mail) => subject.test(mail.subject));
      if (found) return found;
    }
    throw new Error(`no mail to that address with a subject like ${String(subject)}`);
  }

  /** Signs a new person up through the mailed link. */
  async signUp(email: string, name = 'Ada', password = PASSWORD): Promise<SignedUp> {
    const visitor = this.visitor();
    await visitor.post('/v1/sign-ups', { email });
    const { body } = await visitor.post('/v1/sign-ups/verify', {
      token: tokenIn(await this.mail(email, /./)),
      name,
      password,
    });
    return {
      visitor,
      accountId: body.account.id as string,
      organizationId: body.organization.id as string,
      projectId: body.project.id as string,
    };
  }

  async advance(seconds: number): Promise<void> {
    const { status, body } = await this.visitor().post('/dev/clock/advance', { seconds });
    if (status !== 200) throw new Error(`the clock did not move: ${JSON.stringify(body)}`);
  }
}

export interface SignedUp {
  readonly visitor: Visitor;
  readonly accountId: string;
  readonly organizationId: string;
  readonly projectId: string;
}

export const PASSWORD = 'a long walk in the rain';

/** The token of the link in a mail. */
export function tokenIn({ text }: Pick<Mail, 'text'>): string {
  const [, token] = /#token=([\w-]+)/.exec(text) ?? [];
  if (token === undefined) throw new Error('the mail has no link with a token');
  return token;
}

/** A client with a cookie jar, which takes no answer that the API's document does not describe. */
export class Visitor {
  readonly cookies = new Map<string, string>();

  /**
   * @param origin asked for with each request where it is a function: a balancer's choice.
   * @param isDescribed false for who answers by another document: another release.
   */
  constructor(
    private readonly origin: string | (() => string),
    private readonly isDescribed = true,
  ) {}

  get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    this.send('GET', path, undefined, headers);
  post = (path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> =>
    this.send('POST', path, body, headers);
  put = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    this.send('PUT', path, body, headers);

  async send(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const payload =
      body === undefined
        ? {}
        : {
            body:
              typeof body === 'string' || body instanceof Uint8Array
                ? (body as NonNullable<RequestInit['body']>)
                : JSON.stringify(body),
          };
    const response = await fetch(`${typeof this.origin === 'string' ? this.origin : this.origin()}${path}`, {
      method,
      headers: {
        'rollcall-client': 'test',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(cookie === '' ? {} : { cookie }),
        ...headers,
      },
      ...payload,
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const text = await response.text();
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      body: text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as unknown) : text,
    };
    const unlike = this.isDescribed ? unlikeDocument(method, path, answer, headers.accept) : undefined;
    if (unlike !== undefined) throw new Error(`not as the API's document says: ${unlike}`);
    return answer;
  }
}

/** Asks until an answer is as wanted. @throws when it does not come in time. */
export async function eventually<A extends Pick<Answer, 'status' | 'body'>>(
  ask: () => Promise<A>,
  wanted: (answer: A) => boolean,
  withinMs = 60_000,
): Promise<A> {
  for (const deadline = Date.now() + withinMs; ; await pause(150)) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(
        `it did not become so in time; the last answer was ${answer.status} ${JSON.stringify(answer.body)}`,
      );
  }
}
