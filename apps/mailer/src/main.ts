import { runService } from '#platform';
import { mailer } from './mailer.module.ts';

await runService(mailer);
