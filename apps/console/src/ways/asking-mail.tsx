import { type ReactNode, useState } from 'react';
import { now } from '../api/clock.ts';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { ways } from '../texts/ways.ts';
import { Card } from './card.tsx';
import { Sent } from './sent.tsx';

interface AskingMailProps {
  title: string;
  lead: string;
  sent: string;
  ask: (email: string) => Promise<unknown>;
  email?: string | undefined;
  children?: ReactNode;
}

/** Asks for a mailed link by an address. What is said afterwards is the same for every address. */
export function AskingMail({ title, lead, sent, ask, email, children }: AskingMailProps) {
  const [asked, know] = useState<{ email: string; at: number }>();
  if (asked)
    return (
      <Sent
        {...asked}
        lead={sent}
        again={ask}
        onChange={() => {
          know(undefined);
        }}
      />
    );
  return (
    <Card title={title} lead={lead}>
      <Form
        onSubmit={async (values) => {
          const typed = values.text('email').trim();
          await ask(typed);
          know({ email: typed, at: now() });
        }}
      >
        <Field
          label={ways.signIn.email}
          name="email"
          type="email"
          autoComplete="username"
          defaultValue={email}
          autoFocus
        />
        <Button look="solid" type="submit" writes>
          {ways.forgot.act}
        </Button>
      </Form>
      {children}
    </Card>
  );
}
