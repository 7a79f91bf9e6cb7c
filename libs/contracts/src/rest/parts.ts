import { z } from 'zod';
import * as shape from './shapes.ts';

/** What routes of several subjects ask for and answer. */

/** `:id` */
export const ofId = z.strictObject({ id: shape.id });
/** `:id` of an organization or a project, and whom it is about. */
export const ofMember = z.strictObject({ id: shape.id, accountId: shape.id });
/** Which page of a list, and nothing else. */
export const paged = z.strictObject(shape.page);
/** Who has just signed in. */
export const signedIn = z.object({ account: shape.account, session: shape.session });
/** `stayActiveUntil` where it came after a warning of inactivity, and was the first activity since: until when the account stays active now. */
export const cameIn = signedIn.extend({ stayActiveUntil: shape.instant.nullable() });
/** A session, or a second factor that is asked for. */
export const signInStep = z.union([cameIn, shape.half]);
/** Of a body with a role: whether it makes somebody an owner. */
export const ofOwner = (body: unknown): boolean => (body as { role: z.output<typeof shape.role> }).role === 'owner';
