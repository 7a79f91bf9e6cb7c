import type { Judge, Shot } from './connections.ts';
import { asks, mixed } from './questions.ts';
import { type PreparedGate, VERIFY_PATH } from './prepared-gate.ts';

export interface VerifyShot extends Shot {
  readonly status: number;
  readonly holds: string;
}

/** The mix of requests for an open loop, and who compares their answers. */
export function shotsOf(
  port: number,
  { good, bad, invented }: Pick<PreparedGate, 'good' | 'bad' | 'invented'>,
  wrong: (said: string) => void,
): { next: () => VerifyShot; judge: Judge<VerifyShot> } {
  const shots = mixed(
    { good: good.map(({ secret, keyId }) => ({ secret, holds: keyId })), bad, invented },
    asks(port, VERIFY_PATH),
  ).map(({ request, status, holds }): VerifyShot => ({ bytes: Buffer.from(request), status, holds }));
  let n = -1;
  return {
    next: () => {
      const shot = shots[(n = (n + 1) % shots.length)];
      if (!shot) throw new Error('there is nothing to ask');
      return shot;
    },
    judge: ({ status, holds }, came, text) => {
      if (came !== status || !text.includes(holds)) wrong(text);
    },
  };
}
