import { serviceConfig } from '#platform';
import { z } from 'zod';

const loopback = (host: string) => host === 'localhost' || host === '127.0.0.1' || host === '[::1]';

const port = z.coerce.number().int().min(1).max(65_535);

/** What the gateway is told. It owns no stream and has no database. */
export const gatewayConfig = serviceConfig
  .pick({ peers: true, callerKey: true, callerKeys: true, installationKey: true })
  .extend({
    port: port.default(8080),
    host: z.string().default('127.0.0.1'),
    /** Where services of the platform ask by HTTP whether a key works; nowhere when it is not set. Whoever reaches it may ask. */
    internalPort: port.optional(),
    /** The same by gRPC, for them and for Envoy. */
    internalGrpcPort: port.optional(),
    /** Both are for this machine alone unless it says otherwise. */
    internalHost: z.string().default('127.0.0.1'),
    /** The one origin that is answered: it decides the cookie's name, the links and the `Host`. */
    origin: z.url({
      protocol: /^https?$/,
      error: 'must be scheme, host and port alone, such as https://id.example.com',
    }),
    /** Whose word about a caller's address is taken (`X-Forwarded-For`): addresses, ranges, or `loopback`, `linklocal`, `uniquelocal`. */
    trustedProxies: z
      .string()
      .regex(
        /^[\w.:/]+(,[\w.:/]+)*$/,
        'must be addresses or ranges, such as 10.0.0.7 or uniquelocal, with commas between several',
      )
      .transform((list) => list.split(','))
      .optional(),
    /** A folder of this gateway alone, in which the next one finds what it kept should it be killed. Without it a person decides about that. */
    stateFolder: z.string().min(1).optional(),
    keyPrefix: z
      .string()
      .regex(/^[a-z][a-z0-9]{1,11}$/)
      .default('rck'),
    /** Verdicts on keys that are kept in memory at most, about 700 bytes each; the oldest goes first. */
    verdictsMax: z.coerce.number().int().min(0).max(5_000_000).default(200_000),
    /** `GET /dev/mail` and `POST /dev/clock/advance`. */
    development: z.boolean().default(false),
    /** Where caught mails can be read, in development. */
    mailCatcherUrl: z.url({ protocol: /^http$/ }).optional(),
  })
  .superRefine(({ origin, development }, context) => {
    if (!URL.canParse(origin)) return;
    const url = new URL(origin);
    if (url.origin !== origin)
      context.addIssue({
        code: 'custom',
        path: ['origin'],
        message: 'must be scheme, host and port alone, such as https://id.example.com',
      });
    if (url.protocol === 'http:' && !loopback(url.hostname))
      context.addIssue({
        code: 'custom',
        path: ['origin'],
        message: 'plain http is for this machine alone: use https',
      });
    if (development && !loopback(url.hostname))
      context.addIssue({
        code: 'custom',
        path: ['development'],
        message: 'development aids do not start on a public origin: unset ROLLCALL_DEV',
      });
  });

export type GatewayConfig = z.output<typeof gatewayConfig>;
