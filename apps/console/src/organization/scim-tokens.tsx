import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Answer, api } from '../api/client.ts';
import { members, renew } from '../api/queries.ts';
import { useMe } from '../context/organization.ts';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Choice } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { Notice } from '../parts/notice.tsx';
import { Stored } from '../parts/stored.tsx';
import { Row, Section } from '../parts/rows.tsx';
import { When } from '../parts/when.tsx';
import { useProved } from '../shell/proof.tsx';
import { common } from '../texts/common.ts';
import { singleSignOn } from '../texts/single-sign-on.ts';
import { type Connection, scimTokens } from './organization.queries.ts';
import style from './connection.module.css';

const { scim: text } = singleSignOn;

/** The tokens by which the provider keeps people. */
export function ScimTokens({ of: { id, organizationId } }: { of: Connection }) {
  const queries = useQueryClient();
  const proved = useProved();
  const { config } = useMe();
  const { data } = useQuery(scimTokens(id));
  const people = useInfiniteQuery(members(organizationId));
  const [isMaking, make] = useState(false);
  const [revoking, revoke] = useState<string>();
  const base = `${config.origin}/scim/v2`;
  const makerOf = (accountId: string) =>
    people.data?.items.find((each) => each.accountId === accountId)?.name ?? text.gone;
  return (
    <>
      <Section title={text.title} lead={text.lead}>
        <Row title={text.base} text={<code>{base}</code>}>
          <CopyButton text={base} what={text.base} />
        </Row>
        {data?.items.map((token) => (
          <Row
            key={token.id}
            title={
              <>
                <bdi>{text.by(makerOf(token.accountId))}</bdi>
                {token.revokedAt !== null && <Chip tone="bad">{text.revoked}</Chip>}
              </>
            }
            text={
              <>
                <code>{token.subject}</code> · <When at={token.createdAt} />
              </>
            }
          >
            {token.revokedAt === null && (
              <Button
                writes
                onClick={() => {
                  revoke(token.id);
                }}
              >
                {text.revoke}
              </Button>
            )}
          </Row>
        ))}
        <Row title={text.another} text={data?.items.length === 0 ? text.none : undefined}>
          <Button
            writes
            onClick={() => {
              make(true);
            }}
          >
            {text.make}
          </Button>
        </Row>
      </Section>
      {isMaking && (
        <MakeToken
          of={id}
          onClose={() => {
            make(false);
          }}
        />
      )}
      {revoking !== undefined && (
        <Confirm
          title={text.revokeTitle}
          act={text.revokeAct}
          onAct={async (once) => {
            const params = { id, tokenId: revoking };
            await proved(() => api.post('/v1/connections/:id/scim-tokens/:tokenId/revoke', { params, body: {}, once }));
            await renew(queries, 'connection', 'record');
          }}
          onClose={() => {
            revoke(undefined);
          }}
        >
          <p>{text.revokeText}</p>
        </Confirm>
      )}
    </>
  );
}

/** The secret lives in this component's state and nowhere else. */
function MakeToken({ of: id, onClose }: { of: string; onClose: () => void }) {
  const queries = useQueryClient();
  const proved = useProved();
  const [subject, choose] = useState<string>('externalId');
  const [made, keep] = useState<Answer<'POST', '/v1/connections/:id/scim-tokens'>>();
  if (made)
    return (
      <Dialog title={text.revealTitle} onClose={onClose} held>
        <Reveal secret={made.secret} onClose={onClose} />
      </Dialog>
    );
  return (
    <Dialog title={text.makeTitle} size="s" onClose={onClose}>
      <Form
        onSubmit={async (_, once) => {
          const body = { subject: subject === 'userName' ? ('userName' as const) : ('externalId' as const) };
          keep(await proved(() => api.post('/v1/connections/:id/scim-tokens', { params: { id }, body, once })));
          await renew(queries, 'connection', 'record');
        }}
      >
        <p>{text.lead}</p>
        <Choice
          label={text.subject}
          name="subject"
          choices={text.subjects}
          value={subject}
          onChange={choose}
          hint={text.subjectHint}
        />
        <DialogFoot>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="solid" type="submit" writes>
            {text.make}
          </Button>
        </DialogFoot>
      </Form>
    </Dialog>
  );
}

function Reveal({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <>
      <Notice tone="warn">{text.once}</Notice>
      <textarea
        readOnly
        rows={2}
        data-secret
        aria-label={text.token}
        value={secret}
        spellCheck={false}
        className={style.secret}
      />
      <CopyButton text={secret} what={text.token.toLowerCase()} />
      <Stored text={text} onClose={onClose} />
    </>
  );
}
