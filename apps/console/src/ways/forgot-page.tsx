import { Link, useLocation } from '@tanstack/react-router';
import { api } from '../api/client.ts';
import { ways } from '../texts/ways.ts';
import { AskingMail } from './asking-mail.tsx';
import { Foot } from './card.tsx';

const { forgot: text } = ways;

export function ForgotPage() {
  const { email } = useLocation().state;
  return (
    <AskingMail
      title={text.title}
      lead={text.lead}
      sent={ways.sent.forgot}
      email={email}
      ask={(typed) => api.post('/v1/password-resets', { body: { email: typed } })}
    >
      <Foot>
        <Link to="/sign-in">{text.back}</Link>
      </Foot>
    </AskingMail>
  );
}
