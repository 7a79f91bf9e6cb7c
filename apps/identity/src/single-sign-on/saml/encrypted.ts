import { constants, createDecipheriv, privateDecrypt } from 'node:crypto';
import { allWithin, DSIG, onlyChild, readXml, SAML, XENC, type XmlElement, xmlText } from '#platform';
import { refused } from './checks.ts';
import type { Expected } from './expected.ts';
import { isVerifiedResponse } from './node-saml.ts';
import { type Response, responseIn } from './response.ts';

const XENC11 = 'http://www.w3.org/2009/xmlenc11#';
const CIPHERS = new Map<string, { readonly name: string; readonly keyLength: number }>([
  [`${XENC11}aes128-gcm`, { name: 'aes-128-gcm', keyLength: 16 }],
  [`${XENC11}aes192-gcm`, { name: 'aes-192-gcm', keyLength: 24 }],
  [`${XENC11}aes256-gcm`, { name: 'aes-256-gcm', keyLength: 32 }],
  [`${XENC}aes128-cbc`, { name: 'aes-128-cbc', keyLength: 16 }],
  [`${XENC}aes192-cbc`, { name: 'aes-192-cbc', keyLength: 24 }],
  [`${XENC}aes256-cbc`, { name: 'aes-256-cbc', keyLength: 32 }],
]);
const DIGESTS = new Map([
  [`${DSIG}sha1`, 'sha1'],
  [`${XENC}sha256`, 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  [`${XENC}sha512`, 'sha512'],
]);
const GCM = { iv: 12, tag: 16 } as const;
const BLOCK = 16;

/**
 * The answer with its assertion in clear, judged again as a whole; as it is where nothing is encrypted. node-saml opens too little (not what Keycloak
 * encrypts by default) and too much (padding oracles): it is done here, and one word answers all that goes wrong.
 * @throws ProviderRefused
 */
export async function opened(response: Response, expected: Expected): Promise<Response> {
  const { text, root, assertion, isSigned, isEncrypted } = response;
  if (!isEncrypted) return response;
  // What follows is no more what the Response's signature is about, so it is verified here.
  if (isSigned && !(await isVerifiedResponse(text, expected.settings.certificates))) throw refused('signature');
  const clear = decrypted(assertion, expected.settings.privateKey, isSigned);
  const signature = onlyChild(root, DSIG, 'Signature');
  const replaced = [...(signature === undefined ? [] : [{ ...signature, by: '' }]), { ...assertion, by: clear }].sort(
    (one, other) => other.start - one.start,
  );
  const inClear = replaced.reduce((all, { start, end, by }) => all.slice(0, start) + by + all.slice(end), text);
  return responseIn(inClear, expected);
}

/** The text of an assertion as it stands by itself. */
function decrypted(encrypted: XmlElement, privateKey: string, isVerified: boolean): string {
  try {
    const data = onlyChild(encrypted, XENC, 'EncryptedData');
    const [key, second] = [...allWithin(encrypted)].filter((e) => e.namespace === XENC && e.name === 'EncryptedKey');
    if (second !== undefined) throw new Error('it is encrypted for several');
    const text = xmlText(decipher(data, contentKey(key, privateKey), isVerified));
    const { namespace, name } = readXml(text);
    if (namespace !== SAML || name !== 'Assertion') throw new Error('it holds no assertion');
    return text.replace(/^<\?xml[^>]*\?>\s*/, '').trim();
  } catch (error) {
    throw refused('encryption', error);
  }
}

function contentKey(key: XmlElement | undefined, privateKey: string): Buffer {
  const method = onlyChild(key, XENC, 'EncryptionMethod');
  const digest = DIGESTS.get(algorithmOf(onlyChild(method, DSIG, 'DigestMethod')) ?? `${DSIG}sha1`);
  // OpenSSL, by Node, has one hash for both of OAEP's places.
  if (digest === undefined || digest !== maskHashOf(method) || onlyChild(method, XENC, 'OAEPparams') !== undefined)
    throw new Error('it is not by an OAEP that can be opened');
  const oaep = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: digest };
  return privateDecrypt(oaep, cipherValueOf(key));
}

/** The hash within OAEP's mask; undefined where it is not OAEP, as in RSA 1.5, whose padding tells what it hides. */
function maskHashOf(method: XmlElement | undefined): string | undefined {
  const algorithm = algorithmOf(method);
  if (algorithm === `${XENC}rsa-oaep-mgf1p`) return 'sha1';
  if (algorithm !== `${XENC11}rsa-oaep`) return undefined;
  return (algorithmOf(onlyChild(method, XENC11, 'MGF')) ?? `${XENC11}mgf1sha1`).split('#mgf1')[1];
}

function decipher(data: XmlElement | undefined, key: Buffer, isVerified: boolean): Buffer {
  const cipher = CIPHERS.get(algorithmOf(onlyChild(data, XENC, 'EncryptionMethod')) ?? '');
  if (cipher?.keyLength !== key.length) throw new Error('the cipher is not known, or the key is not one of it');
  const bytes = cipherValueOf(data);
  if (cipher.name.endsWith('-gcm')) return openGcm(cipher.name as 'aes-256-gcm', key, bytes);
  // Whoever may change the bytes and see what becomes of them can read them in the end.
  if (!isVerified) throw new Error('CBC is opened within a signed Response alone');
  return openCbc(cipher.name, key, bytes);
}

function openGcm(name: 'aes-256-gcm', key: Buffer, bytes: Buffer): Buffer {
  if (bytes.length <= GCM.iv + GCM.tag) throw new Error('it is too short');
  const opening = createDecipheriv(name, key, bytes.subarray(0, GCM.iv), { authTagLength: GCM.tag });
  opening.setAuthTag(bytes.subarray(-GCM.tag));
  return Buffer.concat([opening.update(bytes.subarray(GCM.iv, -GCM.tag)), opening.final()]);
}

function openCbc(name: string, key: Buffer, bytes: Buffer): Buffer {
  const opening = createDecipheriv(name, key, bytes.subarray(0, BLOCK)).setAutoPadding(false);
  const padded = Buffer.concat([opening.update(bytes.subarray(BLOCK)), opening.final()]);
  // XML's own padding: only the last byte says anything, its length.
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > BLOCK) throw new Error('it is not padded');
  return padded.subarray(0, -padding);
}

const algorithmOf = (element: XmlElement | undefined) => element?.attributes.get('Algorithm');

function cipherValueOf(element: XmlElement | undefined): Buffer {
  const value = onlyChild(onlyChild(element, XENC, 'CipherData'), XENC, 'CipherValue');
  if (value === undefined) throw new Error('it has no cipher value');
  return Buffer.from(value.text, 'base64');
}
