import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What an authenticator says of itself and its person in one byte (WebAuthn L3 §6.1). */
export const FLAG = { present: 1, verified: 4, backupEligible: 8, backedUp: 16, attested: 64, extended: 128 } as const;

/** What CBOR is made of here; a map is a list of pairs, so that keys may stand twice. */
export type Cbor = number | string | Buffer | Pairs | readonly Cbor[];
/** A map. */
export class Pairs {
  constructor(readonly pairs: readonly (readonly [Cbor, Cbor])[]) {}
}

/** RFC 8949, as far as authenticators use it. */
export function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Pairs) return Buffer.concat([head(5, value.pairs.length), ...value.pairs.flat().map(cbor)]);
  return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
}

/** In as few bytes as it needs (CTAP2's canonical form). */
function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.of((major << 5) | length);
  if (length < 0x100) return Buffer.of((major << 5) | 24, length);
  return Buffer.of((major << 5) | 25, length >> 8, length & 0xff);
}

export const KEY_ALGORITHMS = ['ES256', 'EdDSA', 'RS256'] as const;
type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** What is asked of the key, and by which page. */
export interface Ceremony {
  readonly challenge: string;
  readonly origin: string;
  readonly rpId: string;
  /** Base64url. */
  readonly userHandle: string;
}

/** What the key says in place of the truth: fields of what it signs, and of what it sends. */
export interface Lies {
  /** Beside or in place of the fields of the client data; a text is all of it. */
  readonly clientData?: Readonly<Record<string, unknown>> | string | Buffer;
  readonly rpId?: string;
  /** Flags that are turned over. */
  readonly flip?: number;
  readonly counter?: number;
  /** Behind the authenticator data. */
  readonly tail?: Buffer;
  readonly credentialId?: Buffer;
  readonly publicKey?: Buffer;
  readonly attestation?: { readonly fmt: string; readonly attStmt?: Pairs };
  /** `self`: packed, with a signature of the key itself. */
  readonly selfAttested?: boolean;
  readonly signature?: (right: Buffer) => Buffer;
  /** Beside or in place of the answer's fields. */
  readonly outer?: Readonly<Record<string, unknown>>;
  /** Beside or in place of the fields of its `response`. */
  readonly inner?: Readonly<Record<string, unknown>>;
}

/** A security key made of software: one credential, which answers as a browser hands it on. Whatever it says can be a lie. */
export class SecurityKey {
  readonly credentialId = randomBytes(32);
  readonly privateKey: KeyObject;
  /** COSE (RFC 9053). */
  readonly publicKey: Buffer;
  private counter = 0;

  /** @param counts whether it counts its signatures; those of phones and computers do not. */
  constructor(
    readonly algorithm: KeyAlgorithm = 'ES256',
    private readonly counts = false,
    private readonly flags: number = FLAG.present | FLAG.verified,
  ) {
    [this.privateKey, this.publicKey] = newKey(algorithm);
  }

  /** Answers `navigator.credentials.create`, as JSON. */
  register(ceremony: Ceremony, lies: Lies = {}): string {
    const clientData = clientDataOf('webauthn.create', ceremony, lies);
    const id = lies.credentialId ?? this.credentialId;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const attested = [Buffer.alloc(16), length, id, lies.publicKey ?? this.publicKey];
    const authData = this.authenticatorData(ceremony, FLAG.attested, attested, lies);
    const signature = () => this.sign(authData, clientData, lies);
    const { fmt, attStmt = new Pairs([]) } = lies.selfAttested
      ? {
          fmt: 'packed',
          attStmt: new Pairs([
            ['alg', ALGORITHMS[this.algorithm]],
            ['sig', signature()],
          ]),
        }
      : (lies.attestation ?? { fmt: 'none' });
    const attestationObject = cbor(
      new Pairs([
        ['fmt', fmt],
        ['attStmt', attStmt],
        ['authData', authData],
      ]),
    );
    return answer(
      id,
      { clientDataJSON: clientData, attestationObject },
      { transports: ['internal'], ...lies.inner },
      lies,
    );
  }

  /** Answers `navigator.credentials.get`, as JSON. */
  assert(ceremony: Ceremony, lies: Lies = {}): string {
    const clientData = clientDataOf('webauthn.get', ceremony, lies);
    const authenticatorData = this.authenticatorData(ceremony, 0, [], lies);
    const signature = this.sign(authenticatorData, clientData, lies);
    return answer(
      lies.credentialId ?? this.credentialId,
      { clientDataJSON: clientData, authenticatorData, signature },
      { userHandle: ceremony.userHandle, ...lies.inner },
      lies,
    );
  }

  private authenticatorData(ceremony: Ceremony, flags: number, attested: readonly Buffer[], lies: Lies): Buffer {
    if (this.counts) this.counter++;
    const rest = Buffer.alloc(5);
    rest.writeUInt8((this.flags | flags) ^ (lies.flip ?? 0));
    rest.writeUInt32BE(lies.counter ?? this.counter, 1);
    return Buffer.concat([sha256(lies.rpId ?? ceremony.rpId), rest, ...attested, lies.tail ?? Buffer.alloc(0)]);
  }

  private sign(authenticatorData: Buffer, clientData: Buffer, lies: Lies): Buffer {
    const signed = Buffer.concat([authenticatorData, sha256(clientData)]);
    const right = sign(this.algorithm === 'EdDSA' ? null : 'sha256', signed, this.privateKey);
    return lies.signature?.(right) ?? right;
  }
}

const ALGORITHMS: Readonly<Record<KeyAlgorithm, number>> = { ES256: -7, EdDSA: -8, RS256: -257 };

function newKey(algorithm: KeyAlgorithm): [KeyObject, Buffer] {
  const { publicKey, privateKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : algorithm === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const bytes = (name: 'x' | 'y' | 'n' | 'e') => Buffer.from(jwk[name] ?? '', 'base64url');
  const alg = [3, ALGORITHMS[algorithm]] as const;
  switch (algorithm) {
    case 'ES256':
      return [privateKey, cbor(new Pairs([[1, 2], alg, [-1, 1], [-2, bytes('x')], [-3, bytes('y')]]))];
    case 'EdDSA':
      return [privateKey, cbor(new Pairs([[1, 1], alg, [-1, 6], [-2, bytes('x')]]))];
    case 'RS256':
      return [privateKey, cbor(new Pairs([[1, 3], alg, [-1, bytes('n')], [-2, bytes('e')]]))];
  }
}

function clientDataOf(type: string, { challenge, origin }: Ceremony, { clientData }: Lies): Buffer {
  if (typeof clientData === 'string') return Buffer.from(clientData);
  if (Buffer.isBuffer(clientData)) return clientData;
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...clientData }));
}

function answer(id: Buffer, bytes: Readonly<Record<string, Buffer>>, inner: object, { outer }: Lies): string {
  const texts = Object.fromEntries(Object.entries(bytes).map(([name, value]) => [name, value.toString('base64url')]));
  return JSON.stringify({
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key',
    authenticatorAttachment: 'platform',
    clientExtensionResults: {},
    response: { ...texts, ...inner },
    ...outer,
  });
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
