import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { renew } from '../api/queries.ts';
import { Button } from '../parts/button.tsx';
import { Copied } from '../parts/copied.tsx';
import { Choice, Field, PasswordField, Select, TextArea } from '../parts/field.tsx';
import { Form, type Values } from '../parts/form.tsx';
import { useProved } from '../shell/proof.tsx';
import { type Provider, singleSignOn } from '../texts/single-sign-on.ts';
import type { Connection } from './organization.queries.ts';
import style from './connection.module.css';

const { provider: text } = singleSignOn;
type Protocol = 'oidc' | 'saml';

export function ProviderStep({ of: it }: { of: Connection }) {
  const [provider, choose] = useState<Provider>(() => guessed(it));
  const [wanted, want] = useState<Protocol>(it.saml ? 'saml' : 'oidc');
  // Google's OpenID Connect has one issuer for everybody.
  const protocol = provider === 'google' ? 'saml' : wanted;
  return (
    <section className={style.step}>
      <h3>{text.title}</h3>
      <Choice
        label={text.which}
        name="provider"
        choices={text.providers}
        value={provider}
        onChange={(value) => {
          choose(value as Provider);
        }}
      />
      <Choice
        label={text.protocol}
        name="protocol"
        choices={text.protocols.filter(([value]) => provider !== 'google' || value === 'saml')}
        value={protocol}
        onChange={(value) => {
          want(value as Protocol);
        }}
        hint={provider === 'google' ? text.googleHint : text.protocolHint}
      />
      <h4>{text.there}</h4>
      <ol className={style.how}>
        {text.how[provider][protocol].map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ol>
      <Copied of={oursFor(protocol, it)} />
      <h4>{text.here}</h4>
      {protocol === 'oidc' ? (
        <Oidc key={`oidc-${provider}`} of={it} provider={provider} />
      ) : (
        <Saml key={`saml-${provider}`} of={it} provider={provider} />
      )}
    </section>
  );
}

const guessed = ({ oidc, saml }: Connection): Provider => {
  const at = oidc?.issuer ?? saml?.entityId ?? '';
  if (/microsoft|windows\.net/.test(at)) return 'entra';
  if (/okta/.test(at)) return 'okta';
  if (/google/.test(at)) return 'google';
  return at === '' ? 'entra' : 'other';
};

const oursFor = (protocol: Protocol, { addresses }: Connection) =>
  protocol === 'oidc'
    ? ([
        [text.addresses.callback, addresses.callback],
        [text.addresses.logout, addresses.logout],
      ] as const)
    : ([
        [text.addresses.acs, addresses.acs],
        [text.addresses.entityId, addresses.entityId],
        [text.addresses.metadata, addresses.metadata],
      ] as const);

/** Afterwards it is tested. */
function useSaved({ id }: Connection) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const proved = useProved();
  return async (save: () => Promise<unknown>) => {
    await proved(save);
    await renew(queries, 'connection', 'connections');
    await navigate({ to: '/organization/single-sign-on/$id/$step', params: { id, step: 'test' } });
  };
}

const Save = () => (
  <div>
    <Button look="solid" type="submit" writes>
      {text.save}
    </Button>
  </div>
);

function Oidc({ of: it, provider }: { of: Connection; provider: Provider }) {
  const saved = useSaved(it);
  const save = (values: Values) =>
    saved(() =>
      api.put('/v1/connections/:id/oidc', {
        params: { id: it.id },
        body: {
          issuer: values.text('issuer').trim(),
          clientId: values.text('clientId').trim(),
          clientSecret: values.text('clientSecret').trim(),
          clientAuthentication: values.text('clientAuthentication') as 'client_secret_basic' | 'client_secret_post',
        },
      }),
    );
  return (
    <Form onSubmit={save}>
      <Field
        label={text.issuer}
        name="issuer"
        type="url"
        defaultValue={it.oidc?.issuer}
        placeholder={text.issuers[provider]}
        autoComplete="off"
        spellCheck={false}
      />
      <Field
        label={text.clientId}
        name="clientId"
        defaultValue={it.oidc?.clientId}
        autoComplete="off"
        spellCheck={false}
      />
      <PasswordField
        label={text.clientSecret}
        name="clientSecret"
        autoComplete="off"
        hint={it.oidc ? text.clientSecretAgain : text.clientSecretHint}
      />
      <Select
        label={text.clientAuthentication}
        name="clientAuthentication"
        defaultValue={it.oidc?.clientAuthentication}
        hint={it.status === 'enforced' ? text.stays : ''}
      >
        {text.clientAuthentications.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </Select>
      <Save />
    </Form>
  );
}

const line = (values: Values, name: string) => {
  const typed = values.text(name).trim();
  return typed === '' ? {} : { [name]: typed };
};

function Saml({ of: it, provider }: { of: Connection; provider: Provider }) {
  const saved = useSaved(it);
  const [by, choose] = useState<string>(provider === 'google' ? 'file' : it.saml ? 'parts' : 'url');
  const save = (values: Values) => {
    const described =
      by === 'url'
        ? { metadataUrl: values.text('metadataUrl').trim() }
        : by === 'file'
          ? { metadata: values.text('metadata') }
          : {
              entityId: values.text('entityId').trim(),
              signInUrl: values.text('signInUrl').trim(),
              certificates: values.text('certificates').match(/-----BEGIN[^-]*-----[^-]*-----END[^-]*-----/g) ?? [
                values.text('certificates'),
              ],
            };
    return saved(() =>
      api.put('/v1/connections/:id/saml', {
        params: { id: it.id },
        body: { ...described, ...line(values, 'subjectAttribute'), ...line(values, 'emailAttribute') },
      }),
    );
  };
  return (
    <Form onSubmit={save}>
      <Choice label={text.by} name="by" choices={text.bys} value={by} onChange={choose} />
      {by === 'url' && (
        <Field label={text.metadataUrl} name="metadataUrl" type="url" autoComplete="off" spellCheck={false} />
      )}
      {by === 'file' && (
        <TextArea label={text.metadata} name="metadata" rows={6} autoComplete="off" spellCheck={false} />
      )}
      {by === 'parts' && (
        <>
          <Field label={text.entityId} name="entityId" defaultValue={it.saml?.entityId} autoComplete="off" />
          <Field label={text.signInUrl} name="signInUrl" type="url" defaultValue={it.saml?.signInUrl} />
          <TextArea
            label={text.certificates}
            name="certificates"
            hint={text.certificatesHint}
            rows={6}
            defaultValue={it.saml?.certificates.join('\n')}
            spellCheck={false}
          />
        </>
      )}
      <Field
        label={text.subjectAttribute}
        name="subjectAttribute"
        hint={text.subjectAttributeHint}
        defaultValue={it.saml?.subjectAttribute ?? ''}
        autoComplete="off"
      />
      <Field
        label={text.emailAttribute}
        name="emailAttribute"
        defaultValue={it.saml?.emailAttribute ?? ''}
        autoComplete="off"
        hint={it.status === 'enforced' ? text.stays : ''}
      />
      <Save />
    </Form>
  );
}
