import type { Answer } from '../api/client.ts';

/** What proves the account. */
export type Security = Answer<'GET', '/v1/account/security'>;
export type Factor = Security['factors'][number];
