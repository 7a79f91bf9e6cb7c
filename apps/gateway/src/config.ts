import { brandFile, count, isLoopback, keyPrefix, origin, port, serviceConfig } from '#platform';
import { z } from 'zod';

/** The gateway's settings. It owns no stream and has no database. */
export const gatewayConfig = serviceConfig
  .pick({
    peers: true,
    callerKey: true,
    callerKeys: true,
    installationKey: true,
    tlsCa: true,
    tlsCert: true,
    tlsKey: true,
  })
  .extend({
    port: port(8080).default(8080),
    host: z.string().default('127.0.0.1'),
    /**
     * Where services of the platform ask by HTTP whether a key works; unset means no such port. The port does not authenticate: every process that
     * can reach it may ask.
     */
    internalPort: port(8081).optional(),
    /** The same by gRPC, for them and for Envoy. */
    internalGrpcPort: port(8091).optional(),
    /** Both are for this machine alone unless it says otherwise. */
    internalHost: z.string().default('127.0.0.1'),
    /** The one origin that is answered: it decides the cookie's name, the links and the `Host`. */
    origin: origin(),
    /** The proxies whose `X-Forwarded-For` is believed: addresses, ranges, or `loopback`, `linklocal`, `uniquelocal`. */
    trustedProxies: z
      .string()
      .regex(
        /^[\w.:/]+(,[\w.:/]+)*$/,
        'must be addresses or ranges, such as 10.0.0.7 or loopback, with commas between several',
      )
      .transform((list) => list.split(','))
      .optional(),
    /** A folder of this gateway alone, in which the next one finds what it kept should it be killed. Without it a person decides about that. */
    stateFolder: z.string().min(1).optional(),
    keyPrefix: keyPrefix().default('rck'),
    /** Verdicts on keys that are kept in memory at most, about 700 bytes each; the oldest goes first. */
    verdictsMax: count(200_000, { min: 0, max: 5_000_000 }),
    /** What the pages are called and look like. */
    brand: brandFile(),
    /** `GET /dev/mail` and `POST /dev/clock/advance`. */
    development: z.boolean().default(false),
    /** Where caught mails can be read, in development. */
    mailCatcherUrl: z.url({ protocol: /^http$/ }).optional(),
  })
  .superRefine(({ origin: at, development }, context) => {
    if (development && URL.canParse(at) && !isLoopback(new URL(at).hostname))
      context.addIssue({
        code: 'custom',
        path: ['development'],
        message: 'development aids do not start on a public origin: unset ROLLCALL_DEV',
      });
  });

export type GatewayConfig = z.output<typeof gatewayConfig>;
