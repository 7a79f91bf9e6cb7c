import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../api/client.ts';
import { tellEnded } from './session-channel.ts';

/** Ends this session, and forgets all that this tab knew. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    await api.post('/v1/sessions/:id/end', { params: { id: 'current' }, body: {} });
    queries.clear();
    await navigate({ to: '/sign-in', search: {} });
    // Other tabs show what is nobody's any more. This one has left already, or it would hear itself.
    tellEnded();
  };
}
