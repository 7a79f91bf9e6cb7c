import { getRouteApi, Link, useLocation } from '@tanstack/react-router';
import { Notice } from '../parts/notice.tsx';
import { states } from '../texts/common.ts';
import { ways } from '../texts/ways.ts';
import { Foot } from './card.tsx';
import { useEnter } from './enter.ts';
import { SignIn } from './sign-in.tsx';

const route = getRouteApi('/ways/sign-in');
const { signIn: text } = ways;

export function SignInPage() {
  const { to, ended } = route.useSearch();
  const { email, next } = useLocation().state;
  const enter = useEnter(to);
  return (
    <SignIn
      title={text.title}
      enter={enter}
      to={to}
      known={email !== undefined && next !== undefined ? { email, next } : undefined}
      lead={ended && <Notice tone="calm">{states.ended}</Notice>}
    >
      <Foot>
        {text.new} <Link to="/sign-up">{text.signUp}</Link> · <Link to="/help/account">{text.help}</Link>
      </Foot>
    </SignIn>
  );
}
