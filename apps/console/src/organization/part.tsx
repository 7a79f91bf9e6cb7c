import type { ReactNode } from 'react';
import { useOrganization } from '../context/organization.ts';
import { useTitle } from '../parts/page.tsx';
import { NoAccess } from '../states/no-access.tsx';
import style from './organization.module.css';

interface PartProps {
  title: string;
  lead?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}

/** A page of the organization, under its name. */
export function Part({ title, lead, action, children }: PartProps) {
  useTitle(title);
  return (
    <>
      <div className={style.head}>
        <div>
          <h2>{title}</h2>
          {lead !== undefined && <p>{lead}</p>}
        </div>
        {action}
      </div>
      {children}
    </>
  );
}

/** Whose address was typed by somebody else: who may, stands in place of it. */
export function OwnersOnly({ children }: { children: (organization: { id: string; name: string }) => ReactNode }) {
  const { current } = useOrganization();
  if (!current) return null;
  return current.role === 'owner' ? children(current) : <NoAccess />;
}
