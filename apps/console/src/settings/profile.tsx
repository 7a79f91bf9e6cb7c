import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Mail } from 'lucide-react';
import { api } from '../api/client.ts';
import { renew, security } from '../api/queries.ts';
import { useMe } from '../context/organization.ts';
import { Button } from '../parts/button.tsx';
import { Avatar } from '../parts/person.tsx';
import { Row, Section } from '../parts/rows.tsx';
import { settings } from '../texts/settings.ts';
import { useProvider } from './organizations.ts';
import { Refused, useAct } from './act.tsx';
import { useDialog } from './use-dialog.ts';

const { profile: text, parts } = settings;

export function Profile() {
  const { account } = useMe();
  const { open } = useDialog();
  const queries = useQueryClient();
  const provider = useProvider();
  const pending = useQuery(security).data?.pendingAddress ?? undefined;
  const cancel = useAct(async () => {
    queries.setQueryData(security.queryKey, await api.post('/v1/account/address/cancel', { body: {} }));
    await renew(queries, 'security');
  });
  return (
    <Section id="profile" title={parts[0][1]}>
      <Row title={<bdi>{account.name}</bdi>} text={text.nameHint} icon={<Avatar name={account.name} />}>
        <Button
          writes
          aria-label={text.editName}
          onClick={() => {
            open('name');
          }}
        >
          {text.edit}
        </Button>
      </Row>
      <Row
        title={text.email}
        text={
          <>
            {account.email}
            {provider && <> · {text.managed(provider.organization)}</>}
          </>
        }
        icon={<Mail size={18} aria-hidden="true" />}
      >
        {provider ? undefined : (
          <Button
            writes
            aria-label={text.changeEmail}
            onClick={() => {
              open('email');
            }}
          >
            {text.change}
          </Button>
        )}
      </Row>
      {pending !== undefined && (
        <Row title={text.pendingTitle} text={text.pending(pending)} icon={<Mail size={18} aria-hidden="true" />}>
          <Button writes busy={cancel.isBusy} onClick={cancel.run}>
            {text.cancel}
          </Button>
        </Row>
      )}
      <Refused by={cancel} />
    </Section>
  );
}
