import { createContext, lazy, type ReactNode, Suspense, use, useCallback, useRef, useState } from 'react';
import { Refusal } from '../api/client.ts';

const ProofDialog = lazy(() => import('./proof-dialog.tsx').then(({ ProofDialog: it }) => ({ default: it })));

type Ask = (accepts: readonly string[]) => Promise<boolean>;
const Context = createContext<Ask>(() => Promise.resolve(false));

/**
 * Carries out what wants a proof of the last 15 minutes: where there is none, it asks for one and goes on.
 * @throws the refusal, where the person gives up.
 */
export function useProved(): <T>(act: () => Promise<T>) => Promise<T> {
  const ask = use(Context);
  return useCallback(
    async (act) => {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof Refusal) || error.problem.code !== 'session/proof-required') throw error;
        if (!(await ask(error.problem.accepts ?? []))) throw error;
        return act();
      }
    },
    [ask],
  );
}

/** Asks, for whatever stands in it. */
export function Proof({ children }: { children: ReactNode }) {
  const [accepts, open] = useState<readonly string[]>();
  const settle = useRef<(isProved: boolean) => void>(undefined);
  const ask = useCallback<Ask>((ways) => {
    open(ways);
    return new Promise((done) => {
      settle.current = done;
    });
  }, []);
  const end = (isProved: boolean) => {
    open(undefined);
    settle.current?.(isProved);
  };
  return (
    <Context value={ask}>
      {children}
      <Suspense>{accepts && <ProofDialog accepts={accepts} onEnd={end} />}</Suspense>
    </Context>
  );
}
