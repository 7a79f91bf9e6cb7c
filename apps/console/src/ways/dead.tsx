import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Refusal, Unreachable } from '../api/client.ts';
import { start } from '../api/queries.ts';
import { ways } from '../texts/ways.ts';
import { Card, Foot } from './card.tsx';
import { Go } from './go.tsx';

const { dead: text } = ways;
const DEAD = ['link/unknown', 'link/other-browser', 'invitation/unknown', 'invitation/closed'];

/** What a refusal says of a link that leads nowhere any more; undefined where it is about something else. */
export function deathOf(error: unknown): string | undefined {
  if (!(error instanceof Refusal)) return undefined;
  const { code, detail, errors = [] } = error.problem;
  // A token that no mail can have held.
  if (errors.length > 0 && errors.every(({ pointer }) => pointer === '/token')) return text.empty;
  return DEAD.includes(code) ? detail : undefined;
}

/**
 * Spends a link, and says why when it is dead: also when it may have died of the very attempt whose answer was lost.
 * @returns `why` once it is dead, and what spends it, which gives undefined then.
 */
export function useLink() {
  const [{ why, isLost }, set] = useState<{ why?: string; isLost: boolean }>({ isLost: false });
  const spend = async <T,>(spending: Promise<T>): Promise<T | undefined> => {
    try {
      return await spending;
    } catch (error) {
      if (error instanceof Unreachable) set({ isLost: true });
      const death = deathOf(error);
      if (death === undefined) throw error;
      set({ isLost, why: isLost ? text.lost : death });
      return undefined;
    }
  };
  return { why, isLost, spend };
}

/** A link that does not work: why, and the one way on. */
export function Dead({ why = text.empty, children }: { why?: string | undefined; children: ReactNode }) {
  const account = useQuery(start).data?.account;
  return (
    <Card title={text.title} lead={why}>
      {account ? <Go to="/keys">{text.toKeys}</Go> : children}
      {account && <Foot>{text.signedIn(account.email)}</Foot>}
    </Card>
  );
}
