import { useQuery } from '@tanstack/react-query';
import { start } from '../api/queries.ts';
import { common } from '../texts/common.ts';

/** What this installation is called, and where its people ask for help. */
export function useBrand(): { name: string; supportUrl: string | null } {
  const { data } = useQuery(start);
  return { name: common.product, supportUrl: null, ...(data?.config as { brand?: object } | undefined)?.brand };
}
