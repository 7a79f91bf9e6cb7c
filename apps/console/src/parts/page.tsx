import { type ReactNode, useEffect } from 'react';
import { useBrand } from '../context/brand.ts';
import style from './page.module.css';

interface PageProps {
  title: string;
  /** What the page is about, in a sentence or two. */
  lead?: ReactNode;
  /** What one does here most. */
  action?: ReactNode;
  children: ReactNode;
}

/** A page of the console: its name in the tab and above what it shows. */
export function Page({ title, lead, action, children }: PageProps) {
  useTitle(title);
  return (
    <>
      <div className={style.head}>
        <div>
          <h1>{title}</h1>
          {lead !== undefined && <p>{lead}</p>}
        </div>
        {action}
      </div>
      {children}
    </>
  );
}

/** The name of the page in the browser's tab and history. */
export function useTitle(title: string): void {
  const { name } = useBrand();
  useEffect(() => {
    document.title = `${title} · ${name}`;
  }, [title, name]);
}
