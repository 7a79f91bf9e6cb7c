import { useQuery } from '@tanstack/react-query';
import { AtSign } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Empty } from '../states/empty.tsx';
import { Listed } from '../states/listed.tsx';
import { domains as text } from '../texts/organization.ts';
import { ClaimDomain, DomainRows } from './domain-rows.tsx';
import { domains } from './organization.queries.ts';
import { OwnersOnly, Part } from './part.tsx';

export const DomainsPage = () => <OwnersOnly>{({ id }) => <Domains of={id} />}</OwnersOnly>;

function Domains({ of }: { of: string }) {
  const list = useQuery(domains(of));
  const [isClaiming, claim] = useState(false);
  const act = (
    <Button
      look="solid"
      writes
      onClick={() => {
        claim(true);
      }}
    >
      {text.claim}
    </Button>
  );
  return (
    <Part title={text.title} lead={text.lead} action={act}>
      <Listed query={list} what={text.title} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={AtSign} title={text.empty.title} text={text.empty.text}>
              {act}
            </Empty>
          ) : (
            <DomainRows of={items} />
          )
        }
      </Listed>
      {isClaiming && (
        <ClaimDomain
          organizationId={of}
          onClose={() => {
            claim(false);
          }}
        />
      )}
    </Part>
  );
}
