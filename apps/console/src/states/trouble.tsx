import { useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { Refusal } from '../api/client.ts';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { common, states } from '../texts/common.ts';
import { NoAccess } from './no-access.tsx';
import { useNewest } from './outdated.ts';
import style from './states.module.css';

/** What went wrong, what to do, and the number by which somebody can find it. */
export function Trouble({ error }: { error: unknown }) {
  useNewest(error);
  const router = useRouter();
  const queries = useQueryClient();
  const problem = error instanceof Refusal ? error.problem : undefined;
  if (problem?.code === 'organization/owner-required') return <NoAccess />;
  if (problem?.status === 404) return <NotFound />;
  const again = async () => {
    await queries.resetQueries({ predicate: ({ state }) => state.status === 'error' });
    await router.invalidate();
  };
  return (
    <div className={style.page} role="alert">
      <h1>{problem?.title ?? states.trouble.title}</h1>
      <p>{problem?.detail ?? states.trouble.detail}</p>
      {problem && (
        <p className={style.request}>
          {common.request} <code>{problem.requestId}</code>{' '}
          <CopyButton text={problem.requestId} what={common.request.toLowerCase()} />
        </p>
      )}
      <Button look="solid" onClick={() => void again()}>
        {common.tryAgain}
      </Button>
    </div>
  );
}

export const NotFound = () => (
  <div className={style.page}>
    <h1>{states.notFound.title}</h1>
    <p>{states.notFound.detail}</p>
    <Link to="/keys">{states.notFound.go}</Link>
  </div>
);
