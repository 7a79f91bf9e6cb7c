import { useQuery } from '@tanstack/react-query';
import { start } from '../api/queries.ts';
import { common } from '../texts/common.ts';

/** What this installation is called, and where its people ask for help. */
export const useBrand = (): { name: string; supportUrl: string | null } =>
  useQuery(start).data?.config.brand ?? { name: common.product, supportUrl: null };
