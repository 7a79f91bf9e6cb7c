import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Check, LoaderCircle } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { api, type Answer } from '../api/client.ts';
import { now } from '../api/clock.ts';
import { Button } from '../parts/button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { DialogFoot } from '../parts/dialog.tsx';
import { Notice } from '../parts/notice.tsx';
import { Stored } from '../parts/stored.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { atSecond } from '../parts/when.tsx';
import { useMe } from '../context/organization.ts';
import { common } from '../texts/common.ts';
import { key as words } from '../texts/key.ts';
import { keys } from '../texts/keys.ts';
import { snippets } from './snippets.ts';
import style from './reveal.module.css';

const LOOK_MS = 2_000;
const LOOK_FOR_MS = 600_000;
const TABS = ['curl', 'qiskit', '.env'] as const;
const { reveal: text } = words;

interface RevealProps {
  of: Answer<'POST', '/v1/keys'> & Partial<Answer<'POST', '/v1/keys/:id/rotate'>>;
  onClose: () => void;
}

/** The one time that the secret is shown. Nobody leaves by accident before it is stored, and its first call is seen here. */
export function Reveal({ of: { key, secret, oldKeyWorksUntil }, onClose }: RevealProps) {
  const { config } = useMe();
  const [tab, show] = useState<(typeof TABS)[number]>('curl');
  const field = useRef<HTMLTextAreaElement>(null);
  const samples = snippets(secret, config.origin);
  useEffect(() => {
    field.current?.focus();
  }, []);
  return (
    <>
      <Notice tone="warn">
        {text.once} {/* In a tab of its own: whoever goes away from here has lost the key. */}
        <a href="/help/api-keys#store" target="_blank" rel="noopener">
          {keys.howToStore}
        </a>
      </Notice>
      <div className={style.secret}>
        <textarea
          ref={field}
          readOnly
          rows={2}
          data-secret
          aria-label={text.key}
          value={secret}
          spellCheck={false}
          onClick={(event) => {
            event.currentTarget.select();
          }}
        />
        <CopyButton text={secret} what={text.key.toLowerCase()} className={style.first} />
      </div>
      <Tabs
        label={text.ready}
        tabs={TABS}
        chosen={tab}
        onChoose={show}
        aside={<CopyButton text={samples[tab]} what={text.lines(tab)} />}
      >
        <pre className={style.sample}>{samples[tab]}</pre>
      </Tabs>
      {oldKeyWorksUntil !== undefined && (
        <p className={style.old}>
          {Date.parse(oldKeyWorksUntil) <= now()
            ? text.oldEnds
            : text.oldWorks(new Date(oldKeyWorksUntil).toLocaleString('en-GB'))}
        </p>
      )}
      <FirstCall id={key.id} />
      <Stored
        text={text}
        file={{
          name: `${key.name.replaceAll(/[^\p{L}\p{N}_.-]+/gu, '-')}.env`,
          label: text.env,
          content: samples['.env'],
        }}
        onClose={onClose}
      />
    </>
  );
}

/** Asks the key every 2 s, for ten minutes, as nobody's activity. */
function FirstCall({ id }: { id: string }) {
  const [began] = useState(Date.now);
  const isOver = Date.now() - began > LOOK_FOR_MS;
  const { data } = useQuery({
    queryKey: ['first-call', id],
    queryFn: () => api.get('/v1/keys/:id', { params: { id }, background: true }),
    refetchInterval: ({ state }) => (state.data?.lastUsedAt || Date.now() - began > LOOK_FOR_MS ? false : LOOK_MS),
    refetchIntervalInBackground: true,
    staleTime: 0,
  });
  const at = data?.lastUsedAt;
  return (
    <p role="status" className={at ? style.works : style.waits}>
      {at ? (
        <>
          <Check size={16} aria-hidden="true" />
          {text.first(atSecond(at))}
        </>
      ) : (
        <>
          <LoaderCircle size={16} aria-hidden="true" />
          {isOver ? text.quiet : text.waiting}
        </>
      )}
    </p>
  );
}

/** After a reload, or in a tab that was given the address: the secret is not here. */
export function Lost({ id, onClose }: { id: string; onClose: () => void }) {
  const navigate = useNavigate();
  return (
    <>
      <p>{text.lost.text}</p>
      <DialogFoot>
        <Button onClick={onClose}>{common.close}</Button>
        <Button
          look="solid"
          data-first
          onClick={() =>
            void navigate({
              to: '/keys/$id',
              params: { id },
              search: ({ org }) => ({ ...(org === undefined ? {} : { org }), rotate: id }),
            })
          }
        >
          {text.lost.act}
        </Button>
      </DialogFoot>
    </>
  );
}
