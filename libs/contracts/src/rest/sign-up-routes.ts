import { z } from 'zod';
import { signedIn } from './parts.ts';
import { route } from './route.ts';
import * as shape from './shapes.ts';

const { name, nothing } = shape;

/** Making an account. */
export const signUpRoutes = {
  requestSignUp: route({
    method: 'POST',
    path: '/v1/sign-ups',
    access: 'public',
    does: 'Mails a single-use link to the address. The answer is the same whether or not it is registered.',
    body: z.strictObject({ email: shape.email }),
    status: 202,
    answer: nothing,
  }),
  verifySignUp: route({
    method: 'POST',
    path: '/v1/sign-ups/verify',
    access: 'public',
    does: 'Spends the link: makes the account with its first organization and project, and signs it in.',
    body: z.strictObject({ token: shape.token, name, password: shape.password }),
    status: 201,
    answer: signedIn.extend({ organization: shape.organization, project: shape.project }),
  }),
} as const;
