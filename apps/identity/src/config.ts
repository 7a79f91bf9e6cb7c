import { count, databaseUrl, masterRing, privateHosts, serviceConfig } from '#platform';
import { accessSync, constants } from 'node:fs';
import { z } from 'zod';

const isFile = (path: string) => {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** Identity's settings beside those of every service. */
export const identityConfig = serviceConfig.extend({
  /** The database of the person keys, as identity's role and, for migrations, as its owner. */
  personKeysDatabaseUrl: databaseUrl(),
  ownerPersonKeysDatabaseUrl: databaseUrl().optional(),
  /** Wrap the person keys: 32 bytes in base64url each, as a ring. */
  masterKey: masterRing(),
  /** Sign-ups a network may ask for in an hour. */
  signUpsPerNetworkAndHour: count(20),
  /** Mails an hour that strangers can cause to one address. */
  mailsPerAddressAndHour: count(5),
  /** Passwords hashed at the same time; each takes 19 MiB and a core for some 25 ms. */
  passwordWorkers: count(2),
  /** A file of SHA-1 digests of passwords that were found in breaches, sorted: they are refused. */
  breachedPasswords: z.string().min(1).refine(isFile, 'must be a file that can be read').optional(),
  /** Providers of single sign-on that are in a private network, or speak plain http: `host:port`, with commas between. */
  ssoPrivateHosts: privateHosts().optional(),
});

export type IdentityConfig = z.output<typeof identityConfig>;
