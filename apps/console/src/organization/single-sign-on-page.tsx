import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Plus, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { api, type Item } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { AskText } from '../parts/ask-text.tsx';
import { Button } from '../parts/button.tsx';
import { Row, Section } from '../parts/rows.tsx';
import { onDay } from '../parts/when.tsx';
import { useProved } from '../shell/proof.tsx';
import { Empty } from '../states/empty.tsx';
import { Listed } from '../states/listed.tsx';
import { singleSignOn as text } from '../texts/single-sign-on.ts';
import { ConnectionStatus } from './connection-status.tsx';
import { connections } from './organization.queries.ts';
import { OwnersOnly, Part } from './part.tsx';

type Connection = Item<'/v1/organizations/:id/connections'>;

export const SingleSignOnPage = () => <OwnersOnly>{({ id }) => <Connections of={id} />}</OwnersOnly>;

/** Where one goes on with it. */
const stepOf = ({ status, configuration }: Connection) =>
  status === 'enforced' ? 'people' : status === 'tested' ? 'people' : configuration > 0 ? 'test' : 'domain';

function Connections({ of }: { of: string }) {
  const list = useQuery(connections(of));
  const [isDrafting, draft] = useState(false);
  const act = (
    <Button
      look="solid"
      writes
      onClick={() => {
        draft(true);
      }}
    >
      <Plus size={16} aria-hidden="true" />
      {text.create}
    </Button>
  );
  return (
    <Part title={text.title} lead={text.lead} action={(list.data?.items.length ?? 0) > 0 && act}>
      <Listed query={list} what={text.connections} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={ShieldCheck} title={text.empty.title} text={text.empty.text}>
              {act}
            </Empty>
          ) : (
            <Section title={text.connections}>
              {items.map((each) => (
                <Row
                  key={each.id}
                  title={
                    <>
                      <bdi>{each.name}</bdi>
                      <ConnectionStatus of={each.status} />
                    </>
                  }
                  text={each.endsAt === null ? providerOf(each) : text.endsAt(onDay(each.endsAt))}
                >
                  <Link to="/organization/single-sign-on/$id/$step" params={{ id: each.id, step: stepOf(each) }}>
                    {each.status === 'enforced' ? text.open : text.go}
                    <span className="visually-hidden"> {each.name}</span>
                  </Link>
                </Row>
              ))}
            </Section>
          )
        }
      </Listed>
      {isDrafting && (
        <Draft
          of={of}
          onClose={() => {
            draft(false);
          }}
        />
      )}
    </Part>
  );
}

const providerOf = ({ oidc, saml }: Connection): string | undefined => oidc?.issuer ?? saml?.entityId;

function Draft({ of: id, onClose }: { of: string; onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const proved = useProved();
  return (
    <AskText
      title={text.createTitle}
      label={text.name}
      hint={text.createHint}
      placeholder={text.namePlaceholder}
      act={text.create}
      onSave={async (name, once) => {
        const made = await proved(() =>
          api.post('/v1/organizations/:id/connections', { params: { id }, body: { name }, once }),
        );
        await renew(queries, 'connections');
        await navigate({ to: '/organization/single-sign-on/$id/$step', params: { id: made.id, step: 'domain' } });
      }}
      onClose={onClose}
    />
  );
}
