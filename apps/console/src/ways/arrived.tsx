import { Fragment, type ReactNode, useEffect, useState } from 'react';
import { type Arrival, arrival, forgetArrival, onArrival } from '../context/arrival.ts';

/**
 * A page that is opened by what the address has brought: it lives in this page's state alone. Another link that is opened in the
 * same tab begins the page anew.
 */
export function Arrived({ children }: { children: (brought: Arrival) => ReactNode }) {
  const [{ brought, count }, take] = useState({ brought: arrival(), count: 0 });
  useEffect(() => {
    forgetArrival();
    return onArrival(() => {
      const next = arrival();
      forgetArrival();
      take((before) => ({ brought: next, count: before.count + 1 }));
    });
  }, []);
  return <Fragment key={count}>{children(brought)}</Fragment>;
}
