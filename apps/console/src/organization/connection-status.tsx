import { Chip } from '../parts/chip.tsx';
import { singleSignOn } from '../texts/single-sign-on.ts';
import type { Connection } from './organization.queries.ts';

const TONES = { draft: 'calm', tested: 'calm', enforced: 'good', off: 'calm' } as const;

export const ConnectionStatus = ({ of }: { of: Connection['status'] }) => (
  <Chip tone={TONES[of]}>{singleSignOn.status[of]}</Chip>
);
