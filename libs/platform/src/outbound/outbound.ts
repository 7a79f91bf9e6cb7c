import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { Agent, RequestInit } from 'undici';
import { isPublicAddress } from './public-address.ts';

const TIMEOUT_MS = 5_000;
const BODY_MAX = 1_000_000;

/** Why nothing came of a request: `address` and `url` are refusals of ours, the others are how the other side failed. */
export type OutboundReason = 'url' | 'address' | 'unreachable' | 'too-slow' | 'too-large' | 'status';

const SENTENCES: Readonly<Record<OutboundReason, string>> = {
  'url': 'is not asked: give an https address without user and password (plain http is for hosts in SSO_PRIVATE_HOSTS)',
  'address':
    'is not asked: it leads to an address that is not public. Where it is a provider of your own, name it in SSO_PRIVATE_HOSTS as host:port',
  'unreachable': 'cannot be reached: see whether its name, its port and its certificate are right',
  'too-slow': 'took too long to answer',
  'too-large': `answered with more than ${BODY_MAX} bytes`,
  'status': 'did not answer with 200; redirects are not followed: give the address where they lead',
};

/** A request to an address that somebody else chose came to nothing. The message names its origin alone: the rest may hold secrets. */
export class OutboundFailed extends Error {
  override readonly name = 'OutboundFailed';
  constructor(
    readonly reason: OutboundReason,
    url: string,
    /** As Node names it: `ENOTFOUND`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
    code?: string,
  ) {
    super(`${URL.parse(url)?.host ?? 'what is no URL'} ${SENTENCES[reason]}${code === undefined ? '' : ` (${code})`}`);
  }
}

/** All addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;
const bySystem: Resolve = (hostname) => promisify(systemLookup)(hostname, { all: true });

/**
 * Requests to addresses that others choose: providers of single sign-on, receivers of webhooks. They go to public hosts by https, and
 * are connected to the very address that was judged; nothing is redirected, 1 MB is read at most, and within 5 s it is over.
 */
export class Outbound {
  private readonly privateHosts: ReadonlySet<string>;
  private readonly timeoutMs: number;
  private agent: Promise<Agent> | undefined;

  /** @param options.privateHosts `host:port,…` of the operator's own, which may be private and speak plain http */
  constructor(
    private readonly options: {
      readonly privateHosts?: string | undefined;
      readonly resolve?: Resolve;
      readonly timeoutMs?: number;
    } = {},
  ) {
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.privateHosts = new Set(options.privateHosts?.toLowerCase().split(',').map(bare));
  }

  /** What can be said of an address without asking anybody. @throws OutboundFailed `url`, `address` */
  readonly judge = (text: string): URL => {
    const url = URL.parse(text);
    if (!url || url.username || url.password || !['https:', 'http:'].includes(url.protocol))
      throw new OutboundFailed('url', text);
    if (this.isPrivateHost(url)) return url;
    if (url.protocol === 'http:') throw new OutboundFailed('url', text);
    const literal = bare(url.hostname);
    if (isIP(literal) !== 0 && !isPublicAddress(literal)) throw new OutboundFailed('address', text);
    return url;
  };

  /** As the global one, with the body read already; a redirect is an answer. @throws OutboundFailed */
  readonly fetch = async (text: string, init: Omit<RequestInit, 'dispatcher' | 'redirect'> = {}): Promise<Response> => {
    const url = this.judge(text);
    const slow = AbortSignal.timeout(this.timeoutMs);
    try {
      const { fetch } = await import('undici');
      const signal = init.signal ? AbortSignal.any([slow, init.signal]) : slow;
      const dispatcher = await (this.agent ??= this.connecting());
      const { status, headers, body } = await fetch(url, { ...init, signal, redirect: 'manual', dispatcher });
      const bytes = await read(body, text);
      return new Response(bytes.length === 0 ? null : bytes, { status, headers: [...headers] });
    } catch (error) {
      throw slow.aborted ? new OutboundFailed('too-slow', text) : failure(error, text);
    }
  };

  /** The text that is there, of status 200. @throws OutboundFailed */
  async getText(url: string): Promise<string> {
    const answer = await this.fetch(url);
    if (answer.status !== 200) throw new OutboundFailed('status', url);
    return answer.text();
  }

  async close(): Promise<void> {
    await (await this.agent)?.destroy();
  }

  private isPrivateHost({ protocol, hostname, port }: Pick<URL, 'protocol' | 'hostname' | 'port'>): boolean {
    return this.privateHosts.has(`${bare(hostname)}:${port || (protocol === 'https:' ? 443 : 80)}`);
  }

  // At first use: it takes a tenth of a second.
  private async connecting(): Promise<Agent> {
    const { Agent, buildConnector } = await import('undici');
    // A connection that nobody waits for any more is given up as well.
    const usual = { ...HTTP_1, timeout: this.timeoutMs };
    const [free, judged] = [
      buildConnector(usual),
      buildConnector({
        ...usual,
        lookup: (hostname, _options, done) => {
          this.publicAddresses(hostname).then(
            (addresses) => done(null, addresses),
            (error: Error) => done(error, []),
          );
        },
      }),
    ];
    return new Agent({
      connect: (target, done) => {
        (this.isPrivateHost(target) ? free : judged)(target, done);
      },
    });
  }

  /** Resolved once: whom we judge is whom we connect to. */
  private async publicAddresses(hostname: string): Promise<LookupAddress[]> {
    const addresses = await (this.options.resolve ?? bySystem)(hostname);
    // One that is not public among them is reason enough: which of them is taken is not ours to say.
    if (!addresses.every(({ address }) => isPublicAddress(address)))
      throw new OutboundFailed('address', `https://${hostname}`);
    return [...addresses];
  }
}

/** An address of IPv6 has brackets in a URL, and nowhere else. */
const bare = (host: string) => host.replace(/^\[(.*)\]/, '$1');

/** With the selection of a family Node asks for all addresses, and only then. */
const HTTP_1 = { allowH2: false, autoSelectFamily: true } as const;

async function read(body: AsyncIterable<Uint8Array> | null, url: string): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > BODY_MAX) throw new OutboundFailed('too-large', url);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Whatever of ours is at the bottom of it; of the rest nothing is kept but its code. */
function failure(error: unknown, url: string): OutboundFailed {
  if (error instanceof OutboundFailed) return error;
  const { cause, code } = error as { readonly cause?: unknown; readonly code?: unknown };
  if (cause !== undefined && cause !== null) return failure(cause, url);
  return new OutboundFailed('unreachable', url, typeof code === 'string' ? code : undefined);
}
