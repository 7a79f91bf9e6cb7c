import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { useOrganization } from '../context/organization.ts';
import { AskText } from '../parts/ask-text.tsx';
import { Button } from '../parts/button.tsx';
import { ThingHead } from '../parts/thing.tsx';
import { NoOrganization } from '../states/no-organization.tsx';
import { organization as text } from '../texts/organization.ts';
import style from './organization.module.css';

const PARTS = [
  ['/organization/members', text.parts.members],
  ['/organization/invitations', text.parts.invitations],
  ['/organization/single-sign-on', text.parts.singleSignOn],
  ['/organization/domains', text.parts.domains],
  ['/organization/policy', text.parts.policy],
  ['/organization/activity', text.parts.activity],
] as const;

/** What stands around the pages of an organization. Members see its members; the rest is for owners. */
export function OrganizationPages() {
  const { current } = useOrganization();
  const [isRenaming, rename] = useState(false);
  if (!current) return <NoOrganization />;
  const isOwner = current.role === 'owner';
  return (
    <>
      <ThingHead name={<bdi>{current.name}</bdi>}>
        {isOwner && (
          <Button
            writes
            onClick={() => {
              rename(true);
            }}
          >
            {text.rename}
          </Button>
        )}
      </ThingHead>
      {isOwner && (
        <nav aria-label={text.parts.label} className={style.nav}>
          {PARTS.map(([to, label]) => (
            <Link key={to} to={to} activeProps={{ 'aria-current': 'page' }}>
              {label}
            </Link>
          ))}
        </nav>
      )}
      <div className={style.part} key={current.id}>
        <Outlet />
      </div>
      {isRenaming && (
        <Rename
          of={current}
          onClose={() => {
            rename(false);
          }}
        />
      )}
    </>
  );
}

function Rename({ of: { id, name }, onClose }: { of: { id: string; name: string }; onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <AskText
      title={text.renameTitle(name)}
      label={text.name}
      value={name}
      onSave={async (to) => {
        await api.put('/v1/organizations/:id/name', { params: { id }, body: { name: to } });
        await renew(queries, 'start', 'organization', 'record');
      }}
      onClose={onClose}
    />
  );
}
