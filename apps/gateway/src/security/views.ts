import { isIP } from 'node:net';
import type { AnswerOf, identity, routes } from '#contracts';

type Security = AnswerOf<typeof routes.getSecurity>;

/** What proves an account, as its holder sees it. Passkeys are bound to a host name; there are none for an address (WebAuthn L3 §5.1.2). */
export const securityView = (view: identity.SecurityView, { origin }: { readonly origin: string }): Security => ({
  password: view.passwordSetAt == null ? null : { setAt: view.passwordSetAt, alone: view.passwordAlone },
  multiFactor: { enabled: view.multiFactor, demandedBy: view.demandedBy },
  factors: view.factors.map(factorView),
  codesLeft: view.codesLeft,
  passkeys: isIP(new URL(origin).hostname.replaceAll(/[[\]]/g, '')) === 0,
  provenUntil: view.provenUntil ?? null,
  proofAccepts: view.proofAccepts,
  pendingAddress: view.pendingAddress ?? null,
  recovery: view.recoveryDueAt == null ? null : { dueAt: view.recoveryDueAt === '' ? null : view.recoveryDueAt },
});

export const factorView = ({
  factorId,
  kind,
  name,
  createdAt,
  lastUsedAt,
  backedUp,
}: identity.Factor): Security['factors'][number] => ({
  id: factorId,
  kind: kind as Security['factors'][number]['kind'],
  name,
  createdAt,
  lastUsedAt: lastUsedAt ?? null,
  backedUp: backedUp ?? null,
});
