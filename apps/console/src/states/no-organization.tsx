import { Building2 } from 'lucide-react';
import { states } from '../texts/common.ts';
import { Empty } from './empty.tsx';

/** Whoever is in no organization any more: what to do. */
export const NoOrganization = () => <Empty icon={Building2} {...states.noOrganization} />;
