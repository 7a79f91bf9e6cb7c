import { randomBytes } from 'node:crypto';
import type { GrpcOwner } from '#contracts';
import type { Start } from '#testing';
import { COMPOSED, COMPOSITION, databaseSettings } from '../../apps/rollcall/src/composition.ts';

/** All services, for `serviceHarness`; mail goes to `smtpUrl`. */
export function everyService(smtpUrl: string): Promise<Start[]> {
  const own: Partial<Record<GrpcOwner, object>> = {
    identity: { masterKey: randomBytes(32).toString('base64url') },
    mailer: { smtpUrl, mailFrom: 'Rollcall <rollcall@localhost>', origin: 'http://localhost:8080' },
  };
  return Promise.all(
    COMPOSED.map(async (name): Promise<Start> => ({
      service: await COMPOSITION[name].load(),
      config: async (database) => {
        const others = new Map(
          await Promise.all(COMPOSITION[name].databases.map(async (each) => [each, await database()] as const)),
        );
        const told = (as: 'owner' | '') =>
          Object.entries(
            databaseSettings(name, (each) => others.get(each)?.[as === 'owner' ? 'ownerUrl' : 'url'] ?? '', as),
          ).filter(([, url]) => url !== '');
        return { ...Object.fromEntries([...told(''), ...told('owner')]), ...own[name] };
      },
    })),
  );
}
