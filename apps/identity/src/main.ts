import { runService } from '#platform';
import { identity } from './identity.module.ts';

await runService(identity);
