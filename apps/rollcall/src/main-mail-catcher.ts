import { startMailCatcher } from './mail-catcher.ts';

const catcher = await startMailCatcher({ host: '0.0.0.0', smtp: 2525, read: 8025 });
console.log('The mail catcher takes mail on port 2525 and shows it on port 8025.');
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void catcher.stop().then(() => process.exit(0)));
