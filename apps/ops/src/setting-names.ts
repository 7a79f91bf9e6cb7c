import { prefixOf, SERVICES } from './services.ts';

/** Settings of containers and of the command, which no service reads by itself; a test compares them with docker-compose.yml. */
const OTHERS = [
  'COMPOSE_PROFILES',
  'HEALTH_URL',
  'KAFKA_HEAP_OPTS',
  'KAFKA_IMAGE',
  'OPERATOR_UID',
  'POSTGRES_IMAGE',
  'POSTGRES_PASSWORD',
  'ROLLCALL_BASE',
  'ROLLCALL_CRASH',
  'ROLLCALL_DATA',
  'ROLLCALL_IMAGE',
  'ROLLCALL_OPERATOR',
  'ROLLCALL_ORIGIN',
  'ROLLCALL_PG_FLAGS',
  'ROLLCALL_PG_PASSWORD',
  'ROLLCALL_PROFILE',
];

/** No other program's variables begin so. */
const OURS = ['ROLLCALL_', ...SERVICES.map((service) => `${prefixOf(service)}_`)];

/**
 * Names that no setting has and that were surely meant for one: they begin as ours do, or are nearly one. Each with what may be meant.
 * @param read the names that services read
 */
export function misspelt(names: readonly string[], read: readonly string[]): { name: string; meant?: string }[] {
  const known = [
    ...new Set([
      ...read,
      ...OTHERS,
      ...SERVICES.flatMap((service) => read.map((name) => `${prefixOf(service)}_${name}`)),
    ]),
  ];
  return names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const near = known
        .map((meant) => ({ meant, away: distance(name, meant) }))
        .filter(({ meant, away }) => away <= slipsOf(Math.min(name.length, meant.length)))
        .toSorted((a, b) => a.away - b.away)[0];
      if (near) return [{ name, meant: near.meant }];
      return OURS.some((prefix) => name.startsWith(prefix)) ? [{ name }] : [];
    });
}

/** So many slips are one name: PATH is not PORT. */
const slipsOf = (length: number) => (length < 4 ? 0 : length < 8 ? 1 : length < 16 ? 2 : 3);

/** Letters to change, add, leave out or swap with their neighbour. */
function distance(a: string, b: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, n) => n)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? Infinity) + 1 : Infinity;
      next[j] = Math.min(
        swapped,
        (last[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    [before, last] = [last, next];
  }
  return last[b.length] ?? 0;
}
