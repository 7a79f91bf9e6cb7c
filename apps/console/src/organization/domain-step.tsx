import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';
import { Listed } from '../states/listed.tsx';
import { domains as domainsText } from '../texts/organization.ts';
import { singleSignOn } from '../texts/single-sign-on.ts';
import { ClaimDomain, DomainRows } from './domain-rows.tsx';
import { type Connection, domains } from './organization.queries.ts';
import style from './connection.module.css';

const { domain: text } = singleSignOn;

export function DomainStep({ of: { organizationId } }: { of: Connection }) {
  const list = useQuery(domains(organizationId));
  const [isClaiming, claim] = useState(false);
  return (
    <section className={style.step}>
      <h3>{text.title}</h3>
      <p className={style.lead}>{text.lead}</p>
      <Listed query={list} what={domainsText.title} rows={1}>
        {({ items }) => (
          <>
            {items.some(({ status }) => status === 'verified') && <Notice tone="good">{text.proved}</Notice>}
            {items.length === 0 ? <p>{text.none}</p> : <DomainRows of={items} level="h4" />}
          </>
        )}
      </Listed>
      <Button
        writes
        onClick={() => {
          claim(true);
        }}
      >
        {domainsText.claim}
      </Button>
      {isClaiming && (
        <ClaimDomain
          organizationId={organizationId}
          onClose={() => {
            claim(false);
          }}
        />
      )}
    </section>
  );
}
