import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { v7 as uuid } from 'uuid';

/** How much memory a gateway keeps a verdict in. Arguments: how many keys. Needs --expose-gc. */
const CACHE = join(
  import.meta.dirname,
  '..',
  '..',
  'apps',
  'gateway',
  'src',
  'gate',
  `verdict-cache${import.meta.filename.slice(import.meta.filename.lastIndexOf('.'))}`,
);
const KEYS_OF_ONE = 3;
const NONE: readonly string[] = [];

interface Cache {
  readonly size: number;
  keep(digest: string, kept: object): void;
  find(digest: string): unknown;
}

/** A text of its own, as it comes out of a message. */
const fresh = (text: string) => Buffer.from(text).toString('latin1');

if (!existsSync(CACHE)) {
  process.send?.({ missing: 'there is no cache of verdicts yet' });
} else {
  const { VerdictCache } = (await import(pathToFileURL(CACHE).href)) as { VerdictCache: new (max: number) => Cache };
  const keys = Number(argv[2]);
  const cache = new VerdictCache(keys);
  let [accountId, projectId, organizationId] = ['', '', ''];
  const keepOne = (n: number) => {
    if (n % KEYS_OF_ONE === 0) [accountId, projectId, organizationId] = [uuid(), uuid(), uuid()];
    const digest = randomBytes(32).toString('latin1');
    cache.keep(digest, {
      keyId: fresh(uuid()),
      keyName: fresh(`laptop ${n}`),
      projectId: fresh(projectId),
      organizationId: fresh(organizationId),
      accountId: fresh(accountId),
      scopes: [fresh('jobs:read'), fresh('jobs:write')],
      addresses: NONE,
      expiresAt: undefined,
      worksUntil: Infinity,
      stamp: n,
      usedAt: 0,
    });
    return digest;
  };
  const used = () => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  for (let n = 0; n < keys; n++) keepOne(n);
  const bytes = (used() - before) / keys;
  for (let n = 0; n < 1_000; n++) keepOne(keys + n);
  process.send?.({ bytes, capped: cache.size <= keys && cache.find(keepOne(0)) !== undefined });
}
process.disconnect();
