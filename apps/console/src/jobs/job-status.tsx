import { Chip } from '../parts/chip.tsx';
import { jobs } from '../texts/jobs.ts';
import type { JobStatus as Status } from './jobs.queries.ts';

const TONES = {
  submitted: 'calm',
  ready: 'calm',
  started: 'warn',
  canceled: 'calm',
  failed: 'bad',
  completed: 'good',
} as const;

export const JobStatus = ({ of }: { of: Status }) => <Chip tone={TONES[of]}>{jobs.statuses[of]}</Chip>;
