import { runService } from '#platform';
import { keyManagement } from './key-management.module.ts';

await runService(keyManagement);
