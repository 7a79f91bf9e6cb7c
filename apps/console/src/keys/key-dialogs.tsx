import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { projects } from '../api/queries.ts';
import { useOrganization } from '../context/organization.ts';

const CreateKey = lazy(() => import('./create-key.tsx').then(({ CreateKey: it }) => ({ default: it })));
const RotateKey = lazy(() => import('./rotate-key.tsx').then(({ RotateKey: it }) => ({ default: it })));

/** The dialogs that the address opens, on whichever page about keys: `create`, `rotate`. */
export function KeyDialogs() {
  const { create, rotate, made } = useSearch({ strict: false });
  const navigate = useNavigate();
  const { current } = useOrganization();
  const mine = useQuery({ ...projects(current?.id ?? ''), enabled: create === true && current !== undefined });
  const set = (part: { made?: string }) =>
    void navigate({
      to: '.',
      search: ({ create: _create, rotate: _rotate, made: _made, ...rest }) => ({
        ...rest,
        ...(part.made === undefined
          ? {}
          : { ...part, ...(create ? { create } : {}), ...(rotate === undefined ? {} : { rotate }) }),
      }),
      replace: true,
      // The address may change under a secret that is not stored yet: nobody leaves by it.
      ignoreBlocker: true,
    });
  const more = {
    made,
    onMade: (id: string) => {
      set({ made: id });
    },
    onClose: () => {
      set({});
    },
  };
  return (
    <Suspense>
      {create && mine.data && <CreateKey projects={mine.data.items} {...more} />}
      {rotate !== undefined && <RotateKey key={rotate} id={rotate} {...more} />}
    </Suspense>
  );
}
