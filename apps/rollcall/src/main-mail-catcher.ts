import { startMailCatcher } from './mail-catcher.ts';

const { ROLLCALL_DEV, MAIL_CATCHER_URL = '' } = process.env;
if (ROLLCALL_DEV !== '1' || !URL.canParse(MAIL_CATCHER_URL)) {
  console.error(
    ROLLCALL_DEV === '1'
      ? 'MAIL_CATCHER_URL: must be where the mails are read, such as http://mail-catcher:8025/<a secret>'
      : 'ROLLCALL_DEV: mails are caught in development alone; set SMTP_URL to a mail server',
  );
  process.exit(78);
}
const catcher = await startMailCatcher({ host: '0.0.0.0', smtp: 2525, read: 8025, readUrl: MAIL_CATCHER_URL });
console.log('The mail catcher takes mail on port 2525 and shows it to the gateway on port 8025.');
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void catcher.stop().then(() => process.exit(0)));
