import { type ReactNode, useEffect, useState } from 'react';
import { Refusal } from '../api/client.ts';
import { Button } from '../parts/button.tsx';
import { common } from '../texts/common.ts';
import { Card } from './card.tsx';
import { deathOf, Dead } from './dead.tsx';
import style from './ways.module.css';

interface AskedProps<T> {
  title: string;
  /** What goes on meanwhile. */
  waiting: string;
  ask: () => Promise<T>;
  /** The one way on from a link that is dead. */
  way: ReactNode;
  /** What another refusal means here; undefined: its own words. */
  refused?: (problem: Refusal['problem']) => ReactNode;
  children: (answer: T, again: () => void) => ReactNode;
}

/** Asks once when the page opens. The answer stays in this page's state: nothing that a link opens is cached. */
export function Asked<T>({ title, waiting, ask, way, refused, children }: AskedProps<T>) {
  const [round, go] = useState(0);
  const [state, set] = useState<{ answer: T } | { error: unknown }>();
  useEffect(() => {
    let isHere = true;
    ask().then(
      (answer) => {
        if (isHere) set({ answer });
      },
      (error: unknown) => {
        if (isHere) set({ error });
      },
    );
    return () => {
      isHere = false;
    };
  }, [round]);
  const again = () => {
    set(undefined);
    go(round + 1);
  };
  if (state === undefined)
    return (
      <Card title={title}>
        <p role="status" className={style.waiting}>
          {waiting}
        </p>
      </Card>
    );
  if ('answer' in state) return children(state.answer, again);
  const { error } = state;
  const death = deathOf(error);
  if (death !== undefined) return <Dead why={death}>{way}</Dead>;
  if (!(error instanceof Refusal))
    return (
      <Card title={title}>
        <p role="alert">{common.unreachable}</p>
        <Button look="solid" onClick={again}>
          {common.tryAgain}
        </Button>
      </Card>
    );
  return refused?.(error.problem) ?? <Dead why={error.problem.detail}>{way}</Dead>;
}
