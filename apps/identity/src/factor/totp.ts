import { randomBytes, timingSafeEqual } from 'node:crypto';
import { HOTP, Secret, TOTP } from 'otpauth';

/** RFC 6238: SHA-1 and six digits every 30 seconds, the one set that every authenticator can. RFC 4226 §4 R6: 20 bytes. */
const PARAMETERS = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
const SECRET_BYTES = 20;
const NEIGHBOURS = [0, -1, 1] as const;

/** The secret of a new authenticator, in base32 as its app takes it. */
export const newSecret = (): string => new Secret({ buffer: Uint8Array.from(randomBytes(SECRET_BYTES)).buffer }).base32;

/** `otpauth://totp/…`: what a QR code shows to an authenticator app. */
export const provisioningUri = (secret: string, { issuer, label }: { issuer: string; label: string }): string =>
  new TOTP({ ...PARAMETERS, issuer, label, secret: Secret.fromBase32(secret) }).toString();

/**
 * The step whose code this is: this one, or one beside it for clocks that differ (RFC 6238 §5.2). Undefined where it fits none. That a step
 * is used once is the caller's to keep.
 */
export function acceptedStep(secret: string, code: string, now: Date): number | undefined {
  const typed = code.normalize('NFKC').replaceAll(/\s/g, '');
  if (!/^[0-9]{6}$/.test(typed)) return undefined;
  const step = Math.floor(now.getTime() / 1000 / PARAMETERS.period);
  const key = Secret.fromBase32(secret);
  const fits = NEIGHBOURS.map((offset) => {
    const code = HOTP.generate({ secret: key, counter: step + offset, algorithm: 'SHA1', digits: PARAMETERS.digits });
    return timingSafeEqual(Buffer.from(code), Buffer.from(typed)) ? step + offset : undefined;
  });
  return fits.find((fit) => fit !== undefined);
}
