import type { Http2SecureServer } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { Loop } from '#event-sourcing';
import { type ChannelCredentials, credentials, experimental, type Server, ServerCredentials } from '@grpc/grpc-js';
import { errorFields, type Logger } from '../base/logger.ts';
import { Certificates, type Tls } from '../base/tls.ts';

type Told = Pick<Logger, 'info' | 'warn'>;

const LOOK_EVERY_MS = 2_000;

/** How we call: under TLS, showing our certificate, where the configuration asks for it. New connections have what the files hold then. @throws ConfigError */
export function channelCredentials(config: Tls, logger: Told, everyMs?: number): ChannelCredentials {
  const certificates = Certificates.of(config, logger);
  if (!certificates) return credentials.createInsecure();
  const provider = new Provider(certificates, logger, everyMs);
  return telling(experimental.createCertificateProviderChannelCredentials(provider, provider), logger);
}

/** How we answer: only whom our authority knows, where the configuration asks for TLS. @throws ConfigError */
export function serverCredentials(config: Tls, logger: Told, everyMs?: number): ServerCredentials {
  const certificates = Certificates.of(config, logger);
  if (!certificates) return ServerCredentials.createInsecure();
  const provider = new Provider(certificates, logger, everyMs);
  return experimental.createCertificateProviderServerCredentials(provider, provider, true);
}

/** Looks after the files as long as somebody listens, and tells what they hold to gRPC, which uses it for the next connection. */
class Provider implements experimental.CertificateProvider {
  private readonly caListeners = new Set<experimental.CaCertificateUpdateListener>();
  private readonly identityListeners = new Set<experimental.IdentityCertificateUpdateListener>();
  private pems;
  private loop: Loop | undefined;

  constructor(
    private readonly certificates: Certificates,
    private readonly logger: Told,
    private readonly everyMs = LOOK_EVERY_MS,
  ) {
    this.pems = certificates.now;
  }

  // gRPC hears only what is told after it has come to listen.
  addCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.caListeners.add(listener);
    this.begin();
    process.nextTick(() => {
      listener(this.authority());
    });
  }

  removeCaCertificateListener(listener: experimental.CaCertificateUpdateListener): void {
    this.caListeners.delete(listener);
    this.end();
  }

  addIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.identityListeners.add(listener);
    this.begin();
    process.nextTick(() => {
      listener(this.identity());
    });
  }

  removeIdentityCertificateListener(listener: experimental.IdentityCertificateUpdateListener): void {
    this.identityListeners.delete(listener);
    this.end();
  }

  private readonly authority = () => ({ caCertificate: this.pems.ca });
  private readonly identity = () => ({ certificate: this.pems.cert, privateKey: this.pems.key });

  private begin() {
    if (this.loop) return;
    this.loop = new Loop(() => Promise.resolve(this.look()), {
      alarm: (error) => {
        this.logger.warn(errorFields(error), 'certificates could not be looked at');
      },
    });
    this.loop.start();
  }

  private look(): number {
    const pems = this.certificates.now;
    if (pems !== this.pems) {
      this.pems = pems;
      for (const listener of this.caListeners) listener(this.authority());
      for (const listener of this.identityListeners) listener(this.identity());
    }
    return this.everyMs;
  }

  private end() {
    if (this.caListeners.size + this.identityListeners.size > 0) return;
    void this.loop?.stop();
    this.loop = undefined;
  }
}

/** A server that we do not trust, or that does not trust us, is told to the log: a caller hears only that it is away. */
function telling(made: ChannelCredentials, logger: Told): ChannelCredentials {
  const connectorOf = made._createSecureConnector.bind(made);
  const refused = tellRefusals(logger, 'connected to');
  made._createSecureConnector = (target, options, calls) => {
    const connector = connectorOf(target, options, calls);
    const connect = connector.connect.bind(connector);
    connector.connect = (socket) =>
      connect(socket).catch((error: unknown) => {
        refused(target.path, codeOf(error));
        throw error;
      });
    return connector;
  };
  return made;
}

/** Whom a server turns away for their certificate is told to its log. To be called once the server is bound. */
export function tellTurnedAway(server: Server, logger: Told): void {
  // grpc-js shows its sockets to nobody, and says nothing of a handshake that failed.
  const { http2Servers } = server as unknown as { http2Servers?: ReadonlyMap<Http2SecureServer, unknown> };
  const refused = tellRefusals(logger, 'let in');
  for (const each of http2Servers?.keys() ?? [])
    each.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      refused(socket.remoteAddress ?? 'somebody', causeOf(error, socket));
    });
}

/** Node destroys the connection of whom it does not trust, and keeps why beside it. */
function causeOf(error: Error, socket: TLSSocket): string {
  // A code, whatever its type says.
  const why = socket.authorizationError as unknown;
  return typeof why === 'string' ? why : codeOf(error);
}

const codeOf = (error: unknown) => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : String(error);
};

const AUTHORITY =
  'its certificate was not signed by an authority in TLS_CA: give both sides certificates of one authority';
const PLAIN = 'it speaks no TLS there: set TLS_CA, TLS_CERT and TLS_KEY on both sides, or on none';
const MENDS: Readonly<Record<string, string>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'it showed no certificate: give it TLS_CERT and TLS_KEY',
  CERT_HAS_EXPIRED: 'its certificate has ended: renew the file that its TLS_CERT names',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: compare the clocks of the two machines',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for other names: make one for the host by which PEERS reaches it, or correct PEERS',
  SELF_SIGNED_CERT_IN_CHAIN: AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: AUTHORITY,
  CERT_SIGNATURE_FAILURE: AUTHORITY,
  ERR_SSL_WRONG_VERSION_NUMBER: PLAIN,
  ERR_SSL_HTTP_REQUEST: PLAIN,
};

const AGAIN_AFTER_MS = 60_000;
const REMEMBERED_MAX = 200;

/** Whoever is refused tries again every second: the same is said once a minute. */
function tellRefusals(logger: Told, what: string) {
  const said = new Map<string, number>();
  return (peer: string, code: string) => {
    const key = `${peer} ${code}`;
    const at = performance.now();
    if (at - (said.get(key) ?? -Infinity) < AGAIN_AFTER_MS) return;
    if (said.size >= REMEMBERED_MAX) said.clear();
    said.set(key, at);
    logger.warn({ peer, code }, `not ${what} under TLS: ${MENDS[code] ?? 'its log or certificate tells more'}`);
  };
}
