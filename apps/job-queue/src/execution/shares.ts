/** The account, organization and project that work belongs to: shares are per account, within it per organization, within that per project. */
export interface Whose {
  readonly accountId: string;
  readonly organizationId: string;
  readonly projectId: string;
}

/** How much simulators' time one was charged, and where the clock of those within it stands, both in virtual milliseconds. */
export interface Share {
  readonly chargedMs: number;
  readonly clockMs: number;
}

export type Shares = ReadonlyMap<string, Share>;

export const ALL = '';
const NOTHING: Share = { chargedMs: 0, clockMs: 0 };

/** The shares that a job counts in, from all down to its project. */
export const sharesOf = ({
  accountId,
  organizationId,
  projectId,
}: Whose): readonly [string, string, string, string] => [
  ALL,
  accountId,
  `${accountId}/${organizationId}`,
  `${accountId}/${organizationId}/${projectId}`,
];

/**
 * Who is next: of the account that was charged least its organization that was charged least, of that the project. So fifty projects of one account
 * have one share, and one with a thousand jobs delays another by one turn and not by a thousand. Of equals the one that has waited longest.
 */
export function fairest<W extends Whose & { readonly submittedAt: Date }>(
  waiting: readonly W[],
  shares: Shares,
): W | undefined {
  return [1, 2, 3].reduce((left, level) => {
    const best = left.reduce<W | undefined>(
      (found, one) =>
        found && before(startOf(found, level, shares), found, startOf(one, level, shares), one) ? found : one,
      undefined,
    );
    return best ? left.filter((one) => sharesOf(one)[level] === sharesOf(best)[level]) : left;
  }, waiting)[0];
}

const before = (
  start: number,
  { submittedAt }: { submittedAt: Date },
  otherStart: number,
  other: { submittedAt: Date },
) => start < otherStart || (start === otherStart && submittedAt <= other.submittedAt);

/** A new or returning account begins at the level of the others: having waited idly earns no credit, and what was used while no other waited leaves no debt. */
function startOf(whose: Whose, level: number, shares: Shares) {
  const path = sharesOf(whose);
  return Math.max(at(shares, path[level]).chargedMs, at(shares, path[level - 1]).clockMs);
}

/** The shares that change when an account is given so much time. */
export function charge(shares: Shares, whose: Whose, ms: number): Shares {
  const path = sharesOf(whose);
  const starts = path.map((_, level) => (level === 0 ? 0 : startOf(whose, level, shares)));
  return new Map(
    path.map((share, level) => [
      share,
      { chargedMs: (starts[level] ?? 0) + ms, clockMs: Math.max(at(shares, share).clockMs, starts[level + 1] ?? 0) },
    ]),
  );
}

const at = (shares: Shares, share: string | undefined) => shares.get(share ?? ALL) ?? NOTHING;
