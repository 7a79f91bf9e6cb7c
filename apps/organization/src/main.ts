import { runService } from '#platform';
import { organization } from './organization.module.ts';

await runService(organization);
