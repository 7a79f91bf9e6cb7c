import { z } from 'zod';

/** Settings that several programs read: one schema each, so that they say the same of a wrong one. */

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** @param such the example of a fault */
const wholeNumber = (such: number, { min = 1, max = Infinity }: Bounds, what: string) => {
  const error = `must be a ${what} from ${min} ${max === Infinity ? 'on' : `to ${max}`}, such as ${such}`;
  return z.coerce.number({ error }).refine((value) => Number.isInteger(value) && value >= min && value <= max, error);
};

/** A whole number from 1 on, or in other bounds: `usual` unless told. */
export const count = (usual: number, bounds: Bounds = {}): z.ZodDefault<z.ZodCoercedNumber> =>
  wholeNumber(usual, bounds, 'whole number').default(usual);

/** A port of TCP. @param such the example of a fault */
export const port = (such: number): z.ZodCoercedNumber => wholeNumber(such, { max: 65_535 }, 'number');

/** Whether a host of a URL is this machine. */
export const isLoopback = (hostname: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

const ORIGIN = 'must be scheme, host and port alone, such as https://id.example.com';

/** Where people meet the installation. */
export const origin = (): z.ZodURL =>
  z.url({ protocol: /^https?$/, error: ORIGIN }).superRefine((text, context) => {
    if (!URL.canParse(text)) return;
    const url = new URL(text);
    if (url.origin !== text) context.addIssue({ code: 'custom', message: ORIGIN });
    else if (url.protocol === 'http:' && !isLoopback(url.hostname))
      context.addIssue({ code: 'custom', message: 'must be https, as plain http is for this machine alone' });
  });

/** The mail server: `smtp://user:password@host:port`, with `?starttls=required` never in clear, or `smtps://` for TLS from the first byte. */
export const smtpUrl = (): z.ZodURL =>
  z
    .url({ protocol: /^smtps?$/, error: 'must look like smtp://user:password@host:587' })
    .refine((text) => !URL.canParse(text) || /^(\?starttls=(required|optional))?$/.test(new URL(text).search), {
      error: 'may end with ?starttls=required or ?starttls=optional, and nothing else',
    });

/** The sender that people see. */
export const mailFrom = (): z.ZodString =>
  z.string().includes('@', { error: 'must look like: Rollcall <no-reply@example.com>' });

/** The platform's own brand before each key. */
export const keyPrefix = (): z.ZodString =>
  z.string().regex(/^[a-z][a-z0-9]{1,11}$/, 'must be 2 to 12 lower-case letters and digits');

/** `host:port` of brokers. */
export const brokers = (): z.ZodString =>
  z.string().regex(/^[^:,\s]+:\d+(,[^:,\s]+:\d+)*$/, 'must be host:port, with commas between several');

/** `host:port` of servers of the operator's own, which requests to addresses that others choose may reach although they are private. */
export const privateHosts = (): z.ZodString =>
  z
    .string()
    .regex(/^[^\s,]+:\d+(,[^\s,]+:\d+)*$/, 'must be host:port, with commas between several, such as idp.internal:8443');

/** On or off. */
export const flag = (): z.ZodCodec<z.ZodString, z.ZodBoolean> =>
  z.stringbool({ truthy: ['1'], falsy: ['0'], error: 'must be 0 or 1' });

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** From which gravity on something is logged. */
export const logLevel = (): z.ZodDefault<z.ZodEnum<{ [L in (typeof LEVELS)[number]]: L }>> =>
  z.enum(LEVELS, 'must be trace, debug, info, warn, error, fatal or silent').default('info');
