import { useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { api, Refusal } from '../api/client.ts';
import { projects, renew } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Dialog, DialogFoot } from '../parts/dialog.tsx';
import { Choice, TextArea } from '../parts/field.tsx';
import { Form, type Values } from '../parts/form.tsx';
import { Notice } from '../parts/notice.tsx';
import { useProved } from '../shell/proof.tsx';
import { common } from '../texts/common.ts';
import { invitations } from '../texts/organization.ts';
import style from './organization.module.css';

const AT_ONCE_MAX = 100;
const { form: text } = invitations;

interface Outcome {
  email: string;
  /** Why it was not sent; undefined: it was. */
  refused: string | undefined;
}

/** Many e-mails at once: each one's outcome is shown, and those that failed stay in the field. */
export function Invite({ of: { id, name }, onClose }: { of: { id: string; name: string }; onClose: () => void }) {
  const queries = useQueryClient();
  const proved = useProved();
  const { data } = useQuery(projects(id));
  const [emails, write] = useState('');
  const [role, choose] = useState('member');
  const [wrong, refuse] = useState<string>();
  const [outcomes, tell] = useState<readonly Outcome[]>([]);
  const [isOver, end] = useState(false);
  const open = (data?.items ?? []).filter(({ status }) => status === 'active');
  const send = async (values: Values, once: string) => {
    const each = [...new Set(emails.split(/[\s,;]+/).filter((email) => email !== ''))];
    const isWrong = each.length === 0 ? text.none : each.length > AT_ONCE_MAX ? text.tooMany : undefined;
    refuse(isWrong);
    if (isWrong !== undefined) return;
    const body = {
      role: role === 'owner' ? ('owner' as const) : ('member' as const),
      projectIds: values.all('projectIds'),
    };
    const told: Outcome[] = [];
    end(false);
    for (const email of each) {
      const invite = () =>
        api.post('/v1/organizations/:id/invitations', {
          params: { id },
          body: { email, ...body },
          once: `${once}:${email}`.slice(0, 100),
        });
      told.push({ email, refused: await refusalOf(() => proved(invite)) });
      tell([...told]);
    }
    write(
      told
        .filter(({ refused }) => refused !== undefined)
        .map(({ email }) => email)
        .join('\n'),
    );
    end(true);
    await renew(queries, 'invitations', 'record');
  };
  const isDone = isOver && emails === '';
  return (
    <Dialog title={text.title(name)} onClose={onClose}>
      <Form onSubmit={send}>
        <Outcomes of={outcomes} isOver={isOver} />
        {!isDone && (
          <>
            <TextArea
              label={text.emails}
              name="emails"
              hint={text.emailsHint}
              error={wrong}
              rows={4}
              value={emails}
              data-first
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              onChange={(event) => {
                write(event.target.value);
              }}
            />
            <Choice
              label={text.role}
              name="role"
              choices={text.roles}
              value={role}
              onChange={choose}
              hint={role === 'owner' ? text.ownerHint : text.memberHint}
            />
            {open.length > 0 && (
              <fieldset className={style.choices}>
                <legend>{text.projects}</legend>
                {open.map((project) => (
                  <label key={project.id}>
                    <input type="checkbox" name="projectIds" value={project.id} />
                    <bdi>{project.name}</bdi>
                  </label>
                ))}
              </fieldset>
            )}
          </>
        )}
        <DialogFoot>
          {isDone ? (
            <Button look="solid" onClick={onClose}>
              {common.done}
            </Button>
          ) : (
            <>
              <Button onClick={onClose}>{common.cancel}</Button>
              <Button look="solid" type="submit" writes>
                {text.act}
              </Button>
            </>
          )}
        </DialogFoot>
      </Form>
    </Dialog>
  );
}

function Outcomes({ of, isOver }: { of: readonly Outcome[]; isOver: boolean }) {
  const failed = of.filter(({ refused }) => refused !== undefined);
  return (
    <div role="status">
      {of.length > 0 && (
        <>
          {isOver && (
            <Notice tone={failed.length === 0 ? 'good' : 'warn'}>
              {text.sentAll(of.length - failed.length)} {failed.length > 0 && text.someFailed}
            </Notice>
          )}
          <ul aria-label={text.outcomes} className={style.outcomes}>
            {of.map(({ email, refused }) => (
              <li key={email} data-refused={refused !== undefined || undefined}>
                {refused === undefined ? (
                  <CircleCheck size={14} aria-hidden="true" />
                ) : (
                  <TriangleAlert size={14} aria-hidden="true" />
                )}
                <span>
                  {email}: {refused ?? text.sent}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** Why it was refused; undefined: it was done. */
async function refusalOf(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) return common.unreachable;
    const { detail, errors = [] } = error.problem;
    return errors.length === 0 ? detail : errors.map((each) => each.detail).join('; ');
  }
}
