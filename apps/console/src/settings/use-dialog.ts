import { getRouteApi } from '@tanstack/react-router';
import type { readSettingsSearch } from './settings.search.ts';

const route = getRouteApi('/inside/settings');
type Opened = ReturnType<typeof readSettingsSearch>['do'];

/** The dialog that the address names, and how to open and close it. What stands behind it stays where it is. */
export function useDialog(): { opened: Opened; open: (which: NonNullable<Opened>) => void; close: () => void } {
  const { do: opened } = route.useSearch();
  const navigate = route.useNavigate();
  return {
    opened,
    open: (which) => void navigate({ search: (before) => ({ ...before, do: which }), hash: true, resetScroll: false }),
    close: () =>
      void navigate({ search: ({ do: _, ...before }) => before, hash: true, resetScroll: false, replace: true }),
  };
}
