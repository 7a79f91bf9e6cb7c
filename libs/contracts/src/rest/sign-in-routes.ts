import { z } from 'zod';
import { cameIn, ofId, signInStep } from './parts.ts';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { id, list, nothing } = shape;
/** Where a browser goes afterwards: a path of this installation. */
const localPath = z.string().regex(/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}$/, 'must be a path such as /keys');
/** What a sign-in at a provider came to: a session, a second factor that is asked for, or what else it was for. */
const signedOn = z.union([
  cameIn.extend({ returnTo: z.string().nullable() }),
  shape.half.extend({ returnTo: z.string().nullable() }),
  z.object({ next: z.literal('mail'), returnTo: z.string().nullable() }),
  z.object({
    next: z.literal('tested'),
    subject: z.string(),
    email: z.string(),
    fresh: z.boolean(),
    returnTo: z.string().nullable(),
  }),
  z.object({ next: z.literal('proved'), provenUntil: shape.instant, returnTo: z.string().nullable() }),
]);

/** Signing in: by password, passkey or identity provider, and what is asked for beside it. */
export const signInRoutes = {
  signIn: route({
    method: 'POST',
    path: '/v1/sessions',
    access: 'public',
    does: 'Signs in with address and password.',
    body: z.strictObject({
      email: z
        .string()
        .max(254)
        .meta({ examples: ['ada@example.com'] }),
      password: shape.password,
    }),
    status: 201,
    otherStatus: 200,
    answer: signInStep,
  }),
  askPasskey: route({
    method: 'POST',
    path: '/v1/sessions/passkey/options',
    access: 'public',
    does: 'Says what the browser asks its authenticators for: any passkey of this host. Nothing of it is kept.',
    body: nothing,
    answer: shape.passkeyOptions,
  }),
  signInByPasskey: route({
    method: 'POST',
    path: '/v1/sessions/passkey',
    access: 'public',
    does: 'Signs in by a passkey alone: whoever has it was verified by it.',
    body: z.strictObject({ response: shape.passkeyAnswer }),
    status: 201,
    otherStatus: 200,
    answer: signInStep,
  }),
  lookSignIn: route({
    method: 'POST',
    path: '/v1/sign-ins/look',
    access: 'public',
    does: 'Says what an address signs in by, by its domain alone: it tells nothing about who has an account.',
    body: z.strictObject({ email: shape.email }),
    answer: z.object({ next: z.enum(['password', 'single-sign-on']) }),
  }),
  startSingleSignOn: route({
    method: 'POST',
    path: '/v1/single-sign-on/start',
    access: 'public',
    does: "Begins a sign-in at the organization's identity provider, a test of a connection, or another proof of this session. The browser goes to `location`, and must be the one that comes back.",
    body: z.strictObject({
      email: shape.email.optional(),
      connectionId: id.optional(),
      purpose: z.enum(['sign-in', 'test', 'prove']).default('sign-in'),
      token: shape.token.optional(),
      returnTo: localPath.optional(),
    }),
    answer: z.object({
      location: z.string().meta({ examples: ['https://login.acme.example/authorize?client_id=rollcall'] }),
    }),
  }),
  finishSingleSignOn: route({
    method: 'POST',
    path: '/v1/single-sign-on/finish',
    access: 'public',
    does: "Judges the provider's answer, as it came to the callback (`query`) or to the assertion consumer service (`samlResponse`, `relayState`). It counts once, and only in the browser that began.",
    body: z.strictObject({
      connectionId: id,
      query: z.string().max(16_000).optional(),
      samlResponse: z.string().max(480_000).optional(),
      relayState: z.string().max(200).optional(),
    }),
    bodyMax: 512_000,
    status: 201,
    otherStatus: 200,
    answer: signedOn,
  }),
  bindSingleSignOn: route({
    method: 'POST',
    path: '/v1/single-sign-on/bind',
    access: 'public',
    does: "Ties the provider's person to my account by the mailed link, in the browser that began the sign-in.",
    body: z.strictObject({ token: shape.token }),
    status: 201,
    otherStatus: 200,
    answer: signedOn,
  }),
  listAttempts: route({
    method: 'GET',
    path: '/v1/connections/:id/attempts',
    access: 'session',
    does: 'The last twenty sign-ins through a connection, and which check refused them. By owners.',
    params: ofId,
    answer: list(
      z.object({
        beganAt: shape.instant,
        purpose: z.enum(['sign-in', 'test', 'prove']),
        outcome: z.enum(['under-way', 'accepted', 'refused']),
        check: z.string().nullable(),
      }),
    ),
  }),
  getHalf: route({
    method: 'GET',
    path: '/v1/sessions/half',
    access: 'half',
    does: 'Shows what this sign-in waits for.',
    query: z.strictObject({}),
    answer: shape.half,
  }),
  proveByCode: route({
    method: 'POST',
    path: '/v1/sessions/half/totp',
    access: 'half',
    does: "Proves this sign-in by an authenticator's code: the session begins, or the answer says what is still missing.",
    body: z.strictObject({ code: shape.code }),
    status: 201,
    otherStatus: 200,
    answer: signInStep,
  }),
  proveByRecoveryCode: route({
    method: 'POST',
    path: '/v1/sessions/half/recovery-code',
    access: 'half',
    does: 'Proves this sign-in by a recovery code, which is spent.',
    body: z.strictObject({ code: shape.typedRecoveryCode }),
    status: 201,
    otherStatus: 200,
    answer: signInStep,
  }),
  proveByPassword: route({
    method: 'POST',
    path: '/v1/sessions/half/password',
    access: 'half',
    does: 'Proves this sign-in by the password, where it began with a link that brings an account back.',
    body: z.strictObject({ password: shape.password }),
    status: 201,
    otherStatus: 200,
    answer: signInStep,
  }),
  askHalfPasskey: route({
    method: 'POST',
    path: '/v1/sessions/half/passkey/options',
    access: 'half',
    does: 'Says what the browser asks its authenticators for: a passkey of the account that signs in.',
    body: nothing,
    answer: shape.passkeyOptions,
  }),
  proveByPasskey: route({
    method: 'POST',
    path: '/v1/sessions/half/passkey',
    access: 'half',
    does: 'Proves this sign-in by a passkey.',
    body: z.strictObject({ response: shape.passkeyAnswer }),
    status: 201,
    otherStatus: 200,
    answer: signInStep,
  }),
  endHalf: route({
    method: 'POST',
    path: '/v1/sessions/half/end',
    access: 'half',
    does: 'Gives this sign-in up.',
    body: nothing,
    answer: nothing,
  }),
} as const;
