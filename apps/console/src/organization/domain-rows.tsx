import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Item, Refusal } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { AskText } from '../parts/ask-text.tsx';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Copied } from '../parts/copied.tsx';
import { Notice } from '../parts/notice.tsx';
import { onDay } from '../parts/when.tsx';
import { useProved } from '../shell/proof.tsx';
import { common } from '../texts/common.ts';
import { domains as text } from '../texts/organization.ts';
import style from './domains.module.css';

const LOOK_MS = 5_000;
const TONES = { claimed: 'warn', verified: 'good', lapsed: 'bad' } as const;

export type Domain = Item<'/v1/organizations/:id/domains'>;

/** Domains and claims, each with what is to be done for it. */
export const DomainRows = ({ of, level = 'h3' }: { of: readonly Domain[]; level?: 'h3' | 'h4' }) => (
  <ul className={style.domains}>
    {of.map((domain) => (
      <DomainRow key={domain.id} of={domain} level={level} />
    ))}
  </ul>
);

function DomainRow({ of: domain, level: Head }: { of: Domain; level: 'h3' | 'h4' }) {
  const queries = useQueryClient();
  const proved = useProved();
  const [isReleasing, release] = useState(false);
  const isMissing = domain.status !== 'claimed' && domain.missingSince !== null;
  return (
    <li className={style.domain}>
      <div className={style.head}>
        <Head>{domain.domain}</Head>
        <Chip tone={isMissing ? 'warn' : TONES[domain.status]}>{text.status[domain.status]}</Chip>
        <Button
          look="quiet"
          writes
          onClick={() => {
            release(true);
          }}
        >
          {text.releaseItem}
        </Button>
      </div>
      <p>{tellingOf(domain)}</p>
      {(domain.status !== 'verified' || isMissing) && (
        <>
          <Copied
            of={[
              [text.recordName, domain.record.name],
              [text.recordValue, domain.record.value],
            ]}
          />
          <Looking of={domain} />
        </>
      )}
      {isReleasing && (
        <Confirm
          title={text.releaseTitle(domain.domain)}
          act={text.releaseAct}
          onAct={async (once) => {
            await proved(() => api.post('/v1/domains/:id/release', { params: { id: domain.id }, body: {}, once }));
            await renew(queries, 'domains', 'record');
          }}
          onClose={() => {
            release(false);
          }}
        >
          <p>{text.releaseText[domain.status]}</p>
        </Confirm>
      )}
    </li>
  );
}

function tellingOf({ status, expiresAt, provedAt, missingSince }: Domain): string {
  if (status === 'claimed') return `${text.recordLead} ${expiresAt === null ? '' : text.expires(onDay(expiresAt))}`;
  if (status === 'lapsed') return text.lapsed;
  if (missingSince !== null) return text.missing(onDay(missingSince));
  return provedAt === null ? '' : text.proved(onDay(provedAt));
}

/** Looks for the record every few seconds, as nobody's activity, as long as the session's proof lasts; then a person asks. */
function Looking({ of: { id } }: { of: Domain }) {
  const queries = useQueryClient();
  const proved = useProved();
  const verify = (background?: true) =>
    api.post('/v1/domains/:id/verify', { params: { id }, body: {}, ...(background ? { background } : {}) });
  const { data } = useQuery({
    queryKey: ['domain', id, 'look'],
    queryFn: async () => {
      try {
        await verify(true);
        await renew(queries, 'domains');
        return { code: '', detail: '' };
      } catch (error) {
        if (error instanceof Refusal) return error.problem;
        throw error;
      }
    },
    refetchInterval: ({ state }) => (state.data && state.data.code !== 'domain/not-proved' ? false : LOOK_MS),
    staleTime: 0,
  });
  const [isBusy, work] = useState(false);
  const [refused, refuse] = useState<string>();
  const ask = async () => {
    work(true);
    try {
      await proved(() => verify());
      await renew(queries, 'domains', 'record');
    } catch (error) {
      refuse(error instanceof Refusal ? error.problem.detail : common.unreachable);
      await renew(queries, 'domain');
    } finally {
      work(false);
    }
  };
  const isLooking = data === undefined || data.code === 'domain/not-proved';
  const told =
    refused ?? (isLooking || data.code === 'session/proof-required' || data.code === '' ? undefined : data.detail);
  return (
    <div className={style.looking}>
      <p role="status">{isLooking ? `${text.looking}. ${text.notYet}` : ''}</p>
      {told !== undefined && <Notice tone="warn">{told}</Notice>}
      <Button busy={isBusy} writes onClick={() => void ask()}>
        {text.verify}
      </Button>
    </div>
  );
}

export function ClaimDomain({ organizationId: id, onClose }: { organizationId: string; onClose: () => void }) {
  const queries = useQueryClient();
  const proved = useProved();
  return (
    <AskText
      title={text.claimTitle}
      label={text.domain}
      name="domain"
      hint={text.domainHint}
      max={253}
      act={text.claim}
      onSave={async (domain, once) => {
        await proved(() =>
          api.post('/v1/organizations/:id/domains', { params: { id }, body: { domain: domain.trim() }, once }),
        );
        await renew(queries, 'domains');
      }}
      onClose={onClose}
    />
  );
}
