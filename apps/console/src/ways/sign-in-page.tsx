import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { Button } from '../parts/button.tsx';
import { Field, PasswordField } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { Notice } from '../parts/notice.tsx';
import { common, states } from '../texts/common.ts';
import { ways } from '../texts/ways.ts';
import { Card, Foot } from './card.tsx';
import style from './ways.module.css';

const route = getRouteApi('/ways/sign-in');
const { signIn: text } = ways;

export function SignInPage() {
  const { to, ended } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [email, know] = useState<string>();
  return (
    <Card title={email === undefined ? text.title : text.back}>
      {ended && <Notice tone="calm">{states.ended}</Notice>}
      {email === undefined ? (
        <Form
          key="email"
          onSubmit={async (values) => {
            know(values.text('email'));
          }}
        >
          <Field label={text.email} name="email" type="email" autoComplete="username webauthn" autoFocus />
          <Button look="solid" type="submit">
            {common.continue}
          </Button>
        </Form>
      ) : (
        <Form
          key="password"
          onSubmit={async (values) => {
            await api.post('/v1/sessions', { body: { email, password: values.text('password') } });
            queries.clear();
            router.history.push(to ?? '/keys');
          }}
        >
          <p className={style.who}>
            <span>{email}</span>
            <button
              type="button"
              onClick={() => {
                know(undefined);
              }}
            >
              {text.change}
            </button>
          </p>
          <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
          <PasswordField label={text.password} name="password" autoComplete="current-password" autoFocus />
          <Button look="solid" type="submit" writes>
            {text.act}
          </Button>
          <Link to="/forgot">{text.forgot}</Link>
        </Form>
      )}
      <Foot>
        {text.new} <Link to="/sign-up">{text.signUp}</Link>
      </Foot>
    </Card>
  );
}
