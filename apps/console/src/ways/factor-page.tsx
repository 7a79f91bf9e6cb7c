import { getRouteApi } from '@tanstack/react-router';
import { api } from '../api/client.ts';
import { ways } from '../texts/ways.ts';
import { Asked } from './asked.tsx';
import { useEnter } from './enter.ts';
import { Factor } from './factor.tsx';
import { Go } from './go.tsx';
import { Over } from './over.tsx';

const route = getRouteApi('/ways/sign-in/factor');
const { factor: text } = ways;

/** A sign-in that waits for another proof. It can be loaded anew. */
export function FactorPage() {
  const { to } = route.useSearch();
  const enter = useEnter(to);
  const again = (
    <Go to="/sign-in" search={to === undefined ? {} : { to }}>
      {text.restart}
    </Go>
  );
  return (
    <Asked
      title={text.title}
      waiting={text.waiting}
      ask={() => api.get('/v1/sessions/half', {})}
      way={again}
      refused={({ code }) => (code === 'sign-in/half-required' ? <Over again={again} /> : undefined)}
    >
      {(half, look) => <Factor accepts={half.accepts} enter={enter} onOver={look} />}
    </Asked>
  );
}
