import { runService } from '#platform';
import { inactivityPolicy } from './inactivity-policy.module.ts';

await runService(inactivityPolicy);
