const wanted = process.env.ROLLCALL_CRASH;

/** Dies here, as by kill -9, when the environment names this point: what must survive a crash is proved by crashing. */
export function crashPoint(name: string): void {
  if (wanted === name) process.kill(process.pid, 'SIGKILL');
}
