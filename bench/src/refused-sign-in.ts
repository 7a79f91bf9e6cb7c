import { Product } from '#testing';
import { seeded } from './faults/random.ts';
import type { ResultRow } from './result.ts';
import { median } from './rounds.ts';

/** Tries of one address, from wherever, that cost no wait: one more in the hour would measure the refusal to judge it. */
const FREE = 20;
const PAIRS = 50;
const SWAPS = 2_000;
/** The share of swapped samples that lies inside of the noise. */
const INSIDE = 0.99;

interface Pair {
  readonly known: number;
  readonly unknown: number;
}

/**
 * P17: whether the time of a refused sign-in tells that an address has an account. A wrong password for a known address and any for an unknown one take
 * turns, each from a network of its own, so that no try waits for those before. Noise is what the ratio of the medians becomes when the two of each
 * pair are swapped at random: with 99 of 100 such samples inside, a ratio outside tells something.
 */
export async function refusedSignIn(rounds: number): Promise<{ tries: number; rows: ResultRow[] }> {
  const people = Math.ceil(((rounds + 1) * PAIRS) / FREE);
  const product = await Product.start({ TRUSTED_PROXIES: 'loopback', SIGN_UPS_PER_NETWORK_AND_HOUR: String(people) });
  try {
    for (let n = 0; n < people; n++) await product.signUp(`known-${n}@example.com`);
    const tries = refusals(product.origin, people);
    await pairs(tries);
    const found: Pair[][] = [];
    while (found.length < rounds) found.push(await pairs(tries));
    const all = found.flat();
    const [ratio, swapped] = [ratioOf(all), swaps(all)];
    const noise = [quantile(swapped, (1 - INSIDE) / 2), quantile(swapped, (1 + INSIDE) / 2)] as const;
    const ofRounds = found.map(ratioOf);
    const asFar = swapped.filter((each) => Math.abs(Math.log(each)) >= Math.abs(Math.log(ratio))).length / SWAPS;
    return {
      tries: all.length,
      rows: [
        {
          id: 'P17',
          against: 'a refused sign-in in ms: a known address, beside an unknown one',
          ours: round2(median(all.map(({ known }) => known))),
          theirs: round2(median(all.map(({ unknown }) => unknown))),
          ratio: { median: round3(ratio), min: round3(Math.min(...ofRounds)), max: round3(Math.max(...ofRounds)) },
          target: `${round3(noise[0])} to ${round3(noise[1])} (noise)`,
          met: ratio >= noise[0] && ratio <= noise[1],
          wrongAnswers: tries.wrong(),
        },
        {
          id: 'P17',
          against: 'two-sample test: share of swapped samples whose ratio is as far from 1',
          value: round3(asFar),
          target: `>= ${round3(1 - INSIDE)}`,
          met: asFar >= 1 - INSIDE,
          wrongAnswers: 0,
        },
      ],
    };
  } finally {
    await product.dispose();
  }
}

/** Refused sign-ins, a network and an unknown address for each. A wrong answer is any but the one refusal. */
function refusals(origin: string, people: number) {
  let [sent, wrong] = [0, 0];
  const refused = async (email: string) => {
    const network = `198.18.${sent >> 8}.${sent++ & 255}`;
    const from = performance.now();
    const answer = await fetch(`${origin}/v1/sessions`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json', 'x-forwarded-for': network },
      body: JSON.stringify({ email, password: 'a guess that is wrong' }),
    });
    const { code } = (await answer.json()) as { code?: string };
    const took = performance.now() - from;
    if (answer.status !== 401 || code !== 'sign-in/failed') wrong++;
    return took;
  };
  return {
    known: () => refused(`known-${(sent >> 1) % people}@example.com`),
    unknown: () => refused(`other-${sent}@example.com`),
    wrong: () => wrong,
  };
}

/** Either is first in half of the pairs. */
async function pairs({ known, unknown }: Record<'known' | 'unknown', () => Promise<number>>): Promise<Pair[]> {
  const found: Pair[] = [];
  while (found.length < PAIRS)
    if (found.length % 2 === 0) found.push({ known: await known(), unknown: await unknown() });
    else {
      const first = await unknown();
      found.push({ known: await known(), unknown: first });
    }
  return found;
}

const ratioOf = (all: readonly Pair[]) =>
  median(all.map(({ known }) => known)) / median(all.map(({ unknown }) => unknown));

/** The ratios of samples in which chance decides which of a pair is called known, sorted. */
function swaps(all: readonly Pair[]): number[] {
  const random = seeded(1);
  return Array.from({ length: SWAPS }, () =>
    ratioOf(
      all.map(({ known, unknown }) => (random() < 0.5 ? { known, unknown } : { known: unknown, unknown: known })),
    ),
  ).sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
const round2 = (value: number) => Math.round(value * 100) / 100;
const round3 = (value: number) => Math.round(value * 1000) / 1000;
