import { type ReactNode, useState } from 'react';
import { Refusal, Unreachable } from '../api/client.ts';
import { Notice } from '../parts/notice.tsx';
import { common } from '../texts/common.ts';
import style from './settings-page.module.css';

interface Act {
  run: () => void;
  isBusy: boolean;
  refused: ReactNode;
}

/** What one press of a button does, without a form: whether it is under way, and why it did not work. */
export function useAct(act: () => Promise<unknown>): Act {
  const [isBusy, work] = useState(false);
  const [refused, refuse] = useState<string>();
  const run = async () => {
    work(true);
    refuse(undefined);
    try {
      await act();
    } catch (error) {
      refuse(saying(error));
    } finally {
      work(false);
    }
  };
  return { run: () => void run(), isBusy, refused };
}

export function saying(error: unknown): string {
  if (error instanceof Refusal) return error.problem.detail;
  return error instanceof Unreachable ? common.unreachable : common.unexpected;
}

/** Where it is said, below the rows that it is about. */
export const Refused = ({ by: { refused } }: { by: Pick<Act, 'refused'> }) => (
  <div role="alert" className={style.refused}>
    {refused !== undefined && <Notice tone="bad">{refused}</Notice>}
  </div>
);
