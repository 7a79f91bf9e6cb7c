import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { KeyRound, ShieldCheck } from 'lucide-react';
import { security } from '../api/queries.ts';
import { useMe } from '../context/organization.ts';
import { Button } from '../parts/button.tsx';
import { Chip } from '../parts/chip.tsx';
import { Notice } from '../parts/notice.tsx';
import { Row, Section } from '../parts/rows.tsx';
import { onDay, When } from '../parts/when.tsx';
import { Listed } from '../states/listed.tsx';
import { common } from '../texts/common.ts';
import { settings } from '../texts/settings.ts';
import { Factors } from './factors.tsx';
import { MultiFactor } from './multi-factor.tsx';
import { type Governed, useGovernance, useProvider } from './organizations.ts';
import type { Security } from './security.ts';
import { useDialog } from './use-dialog.ts';
import style from './settings-page.module.css';

const { signIn: text, password, singleSignOn } = settings;

/** What proves that one is the holder of the account. */
export const SignIn = () => {
  const query = useQuery(security);
  return (
    <Section id="sign-in" title={text.title} lead={text.lead}>
      <Listed query={query} what={text.what}>
        {(known) => (
          <>
            {known.recovery && (
              <div className={style.notice}>
                <Notice tone="warn">
                  {known.recovery.dueAt === null ? text.recovery : text.recoveryDue(onDay(known.recovery.dueAt))}
                </Notice>
              </div>
            )}
            <Password of={known} />
            <MultiFactor of={known} />
            <Factors of={known} />
            <SingleSignOn />
          </>
        )}
      </Listed>
    </Section>
  );
};

function Password({ of: { password: set } }: { of: Security }) {
  const { config } = useMe();
  const { open } = useDialog();
  const provider = useProvider();
  const icon = <KeyRound size={18} aria-hidden="true" />;
  if (provider)
    return (
      <Row title={password.title} text={password.governed(provider.organization, provider.provider)} icon={icon}>
        <Chip tone="calm">{common.off}</Chip>
      </Row>
    );
  if (!set)
    return (
      <Row title={password.title} text={password.none} icon={icon}>
        <Link to="/forgot" className={style.link}>
          {password.setByMail}
        </Link>
      </Row>
    );
  return (
    <Row
      title={password.title}
      icon={icon}
      text={
        <>
          {set.alone ? password.rule(config.passwordLengthMin) : password.short} {password.set} <When at={set.setAt} />.
        </>
      }
    >
      <Button
        writes
        onClick={() => {
          open('password');
        }}
      >
        {password.change}
      </Button>
    </Row>
  );
}

const SingleSignOn = () =>
  useGovernance().map((governed) => (
    <Row
      key={governed.organization.id}
      title={singleSignOn.title}
      text={sayingOf(governed)}
      icon={<ShieldCheck size={18} aria-hidden="true" />}
    >
      <Chip tone={governed.is === 'off' ? 'calm' : 'good'}>{governed.is === 'off' ? common.off : common.on}</Chip>
    </Row>
  ));

function sayingOf({ organization, connection, sessionHours, is }: Governed): string {
  if (!connection || is === 'off') return singleSignOn.none(organization.name);
  if (is === 'governs') return singleSignOn.governs(organization.name, connection.name, sessionHours);
  return (is === 'guest' ? singleSignOn.guest : singleSignOn.breakGlass)(organization.name, connection.name);
}
