const [wanted = '', chance = '1'] = (process.env.ROLLCALL_CRASH ?? '').split('%');

/**
 * Dies here, as by kill -9, when the environment names this point: what must survive a crash is proved by crashing.
 * `relay:after-publish` dies at its first pass; `*%0.02` at every point, each time with this chance.
 */
export function crashPoint(name: string): void {
  if (wanted !== '*' && wanted !== name) return;
  if (chance === '1' || Math.random() < Number(chance)) process.kill(process.pid, 'SIGKILL');
}
