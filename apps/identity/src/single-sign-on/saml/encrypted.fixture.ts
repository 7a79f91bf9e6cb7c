import { constants, createCipheriv, type KeyLike, publicEncrypt, randomBytes } from 'node:crypto';

const DS = 'http://www.w3.org/2000/09/xmldsig#';
const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';

type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512';
const DIGESTS: Readonly<Record<Hash, string>> = {
  sha1: `${DS}sha1`,
  sha256: `${XENC}sha256`,
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: `${XENC}sha512`,
};

/** How something is encrypted. Algorithms by the ends of their names. */
export interface Encrypting {
  readonly cipher: `aes${128 | 192 | 256}-${'gcm' | 'cbc'}`;
  /** Of the key, where that is not the cipher's. */
  readonly bits: number;
  /** What the last byte of CBC says, where that is not how much was added. */
  readonly padding: number;
  readonly wrap: 'rsa-oaep' | 'rsa-oaep-mgf1p' | 'rsa-1_5';
  /** OAEP's hash as it is done. */
  readonly hash: Hash;
  /** OAEP's hashes as they are said to be. */
  readonly said: string;
  /** Where the key stands: as most have it, or beside the data. */
  readonly keyBeside: boolean;
  readonly toKey: KeyLike;
}

const MGF1P_SHA1 = `<ds:DigestMethod xmlns:ds="${DS}" Algorithm="${DS}sha1"></ds:DigestMethod>`;
/** OAEP with one hash for both of its places. */
export const oaep = (hash: Hash) =>
  ({
    wrap: 'rsa-oaep',
    hash,
    said: `<ds:DigestMethod xmlns:ds="${DS}" Algorithm="${DIGESTS[hash]}"></ds:DigestMethod><xenc11:MGF xmlns:xenc11="${XENC11}" Algorithm="${XENC11}mgf1${hash}"></xenc11:MGF>`,
  }) as const;

/** The element encrypted to the certificate, in an EncryptedAssertion. */
export function encrypted(element: string, certificate: string, changed: Partial<Encrypting> = {}): string {
  const {
    cipher = 'aes256-gcm',
    wrap = 'rsa-oaep-mgf1p',
    hash = 'sha1',
    said = MGF1P_SHA1,
    keyBeside = false,
  } = changed;
  const { bits = Number(cipher.slice(3, 6)), padding: lastByte } = changed;
  const key = randomBytes(bits / 8);
  const padding = wrap === 'rsa-1_5' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
  const wrapped = publicEncrypt({ key: changed.toKey ?? certificate, padding, oaepHash: hash }, key);
  // In canonical form, which the Response's signature is of: what is declared around it is not declared again.
  const hashes = keyBeside ? said : said.replaceAll(` xmlns:ds="${DS}"`, '');
  const encryptedKey =
    `<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${wrap === 'rsa-oaep' ? XENC11 : XENC}${wrap}">${hashes}</xenc:EncryptionMethod>` +
    `<xenc:CipherData><xenc:CipherValue>${wrapped.toString('base64')}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`;
  const data =
    `<xenc:EncryptionMethod Algorithm="${cipher.endsWith('gcm') ? XENC11 : XENC}${cipher}"></xenc:EncryptionMethod>` +
    (keyBeside ? '' : `<ds:KeyInfo xmlns:ds="${DS}">${encryptedKey}</ds:KeyInfo>`) +
    `<xenc:CipherData><xenc:CipherValue>${enciphered(element, cipher, key, lastByte).toString('base64')}</xenc:CipherValue></xenc:CipherData>`;
  return (
    `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="${XENC}" Type="${XENC}Element">` +
    `${data}</xenc:EncryptedData>${keyBeside ? encryptedKey.replace('<xenc:EncryptedKey', `<xenc:EncryptedKey xmlns:xenc="${XENC}"`) : ''}</saml:EncryptedAssertion>`
  );
}

function enciphered(element: string, cipher: Encrypting['cipher'], key: Buffer, lastByte: number | undefined): Buffer {
  const text = Buffer.from(element);
  const bits = key.length * 8;
  if (cipher.endsWith('gcm')) {
    const iv = randomBytes(12);
    const sealing = createCipheriv(`aes-${bits}-gcm` as 'aes-256-gcm', key, iv);
    return Buffer.concat([iv, sealing.update(text), sealing.final(), sealing.getAuthTag()]);
  }
  const iv = randomBytes(16);
  const padding = Buffer.alloc(16 - (text.length % 16));
  padding.writeUInt8(lastByte ?? padding.length, padding.length - 1);
  const sealing = createCipheriv(`aes-${bits}-cbc`, key, iv).setAutoPadding(false);
  return Buffer.concat([iv, sealing.update(Buffer.concat([text, padding])), sealing.final()]);
}
