import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../api/client.ts';

/** Ends this session, and forgets all that this tab knew. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    await api.post('/v1/sessions/:id/end', { params: { id: 'current' }, body: {} });
    queries.clear();
    await navigate({ to: '/sign-in', search: {} });
  };
}
