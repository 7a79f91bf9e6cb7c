import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { AskText } from '../parts/ask-text.tsx';
import { organization as text } from '../texts/organization.ts';

/** Makes an organization that I own, and goes there. */
export function NewOrganization({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (
    <AskText
      title={text.createTitle}
      label={text.name}
      hint={text.createHint}
      act={text.create}
      onSave={async (name, once) => {
        const { id } = await api.post('/v1/organizations', { body: { name }, once });
        await renew(queries, 'start');
        await navigate({ to: '/projects', search: { org: id } });
      }}
      onClose={onClose}
    />
  );
}
