/** gRPC status codes that a refusal may carry (numbers of the gRPC specification). */
export const GRPC_STATUS = {
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

interface ProblemKind {
  readonly title: string;
  /** HTTP status. */
  readonly status: number;
}

const table = {
  'request/invalid': { title: 'The request is not well formed', status: 400 },
  'request/cross-site': { title: 'The write did not come from this site or from a named client', status: 403 },
  'request/key-in-url': { title: 'A key was sent in the address', status: 400 },
  'request/key-reused': { title: 'The idempotency key was used for something else', status: 422 },
  'request/misdirected': { title: 'This host is not answered here', status: 421 },
  'request/not-found': { title: 'There is nothing at this address', status: 404 },
  'request/method-not-allowed': { title: 'This address does not answer that method', status: 405 },
  'request/rate-limited': { title: 'Too many requests', status: 429 },
  'request/headers-too-long': { title: 'Address and headers are too long', status: 431 },
  'request/too-slow': { title: 'The request did not arrive in time', status: 408 },
  'request/too-large': { title: 'The body is too large', status: 413 },
  'request/unsupported-media-type': { title: 'The body is not JSON', status: 415 },
  'authorization/not-accepted': { title: 'The credential is not taken here', status: 401 },
  'session/required': { title: 'Sign in first', status: 401 },
  'session/unknown': { title: 'No such session', status: 404 },
  'sign-in/failed': { title: 'Address or password is wrong', status: 401 },
  'sign-in/single-sign-on': { title: 'This address signs in at its provider', status: 409 },
  'sign-in/not-begun-here': { title: 'No sign-in of this browser waits for this answer', status: 409 },
  'sign-in/provider-refused': { title: "The identity provider's answer was not accepted", status: 401 },
  'sign-in/provider-unavailable': { title: 'The identity provider does not answer', status: 503 },
  'sign-in/not-a-member': { title: 'No member of the organization', status: 403 },
  'sign-in/already-bound': { title: 'The account belongs to somebody else at the provider', status: 409 },
  'sign-in/not-fresh': { title: 'The provider did not prove a new sign-in', status: 401 },
  'sign-in/half-required': { title: 'No sign-in waits for this', status: 401 },
  'session/proof-required': { title: 'Confirm that it is you', status: 403 },
  'session/second-factor-required': { title: 'An organization asks for a second factor', status: 403 },
  'session/time-out-required': { title: 'An organization asks that idle sessions end', status: 409 },
  'factor/refused': { title: 'The proof does not fit', status: 401 },
  'factor/unknown': { title: 'No such factor', status: 404 },
  'factor/none': { title: 'There is no second factor', status: 409 },
  'factor/last': { title: 'This is the last factor', status: 409 },
  'factor/demanded': { title: 'An organization asks for a second factor', status: 409 },
  'factor/already-registered': { title: 'The passkey is registered already', status: 409 },
  'factor/too-many': { title: 'The account has too many factors', status: 409 },
  'factor/passkeys-unavailable': { title: 'There are no passkeys at this address', status: 409 },
  'password/locked': { title: 'The password waits for a proof by mail', status: 409 },
  'password/too-short-alone': { title: 'The password is too short to stand alone', status: 409 },
  'account/address-managed': { title: "The address is the organization's to change", status: 409 },
  'account/address-changed-lately': { title: 'The address was changed a few days ago', status: 409 },
  'recovery/not-due': { title: 'The factors may not be removed yet', status: 409 },
  'password/too-common': { title: 'The password is too common', status: 400 },
  'link/other-browser': { title: 'The link belongs to another browser', status: 409 },
  'link/unknown': { title: 'The link does not work any more', status: 404 },
  'account/suspended': { title: 'The account is suspended', status: 403 },
  'account/unknown': { title: 'No such account', status: 404 },
  'account/address-taken': { title: 'The address belongs to an account', status: 409 },
  'organization/unknown': { title: 'No such organization', status: 404 },
  'organization/owner-required': { title: 'Only an owner may do this', status: 403 },
  'organization/last-owner': { title: 'An organization keeps at least one active owner', status: 409 },
  'organization/second-factor-required': { title: 'A second factor is needed here', status: 409 },
  'organization/too-many': { title: 'The account has too many organizations', status: 409 },
  'member/unknown': { title: 'No such member', status: 404 },
  'member/deactivated': { title: 'The organization has shut this member out', status: 403 },
  'invitation/unknown': { title: 'No such invitation', status: 404 },
  'invitation/closed': { title: 'The invitation no longer waits for an answer', status: 409 },
  'invitation/other-account': { title: 'The invitation is for another address', status: 409 },
  'invitation/already-member': { title: 'The address already belongs to a member', status: 409 },
  'invitation/too-many': { title: 'Too many invitations wait for an answer', status: 409 },
  'connection/unknown': { title: 'No such connection', status: 404 },
  'connection/invalid': { title: 'The connection cannot be used like this', status: 409 },
  'connection/not-tested': { title: 'The connection has not been tested', status: 409 },
  'connection/too-many': { title: 'The organization has too many connections', status: 409 },
  'scim-token/refused': { title: 'The SCIM token opens nothing', status: 401 },
  'scim-token/unknown': { title: 'No such SCIM token', status: 404 },
  'scim-token/too-many': { title: 'The connection has too many SCIM tokens', status: 409 },
  'scim-user/unknown': { title: 'No such SCIM user', status: 404 },
  'scim-user/taken': { title: 'There is such a SCIM user already', status: 409 },
  'scim-user/filter-unsupported': { title: 'Not a filter that is answered', status: 400 },
  'domain/unknown': { title: 'No such domain', status: 404 },
  'domain/not-proved': { title: 'The domain is not proved', status: 409 },
  'domain/taken': { title: 'Another organization has the domain', status: 409 },
  'domain/too-many': { title: 'The organization has too many domains', status: 409 },
  'single-sign-on/break-glass-needed': { title: 'The break-glass owner is needed', status: 409 },
  'project/unknown': { title: 'No such project', status: 404 },
  'project/archived': { title: 'The project is archived', status: 409 },
  'project/member-required': { title: 'Only a member of the project may do this', status: 403 },
  'project/too-many': { title: 'The organization has too many projects', status: 409 },
  'key/missing': { title: 'No API key was sent', status: 401 },
  'key/malformed': { title: 'This is no API key of this installation', status: 401 },
  'key/refused': { title: 'The API key does not work', status: 401 },
  'key/project-archived': { title: 'The project of this key is archived', status: 403 },
  'key/unknown': { title: 'No such key', status: 404 },
  'key/not-yours': { title: 'The key belongs to somebody else', status: 403 },
  'key/no-longer-active': { title: 'The key is revoked or expired', status: 409 },
  'key/secret-already-issued': { title: 'The secret of this key was shown already', status: 409 },
  'key/not-enforced': { title: 'The revocation could not be confirmed yet', status: 503 },
  'key/too-many': { title: 'The project has too many keys', status: 409 },
  'key/scope-required': { title: 'The key lacks a scope', status: 403 },
  'job/unclear': { title: 'It is not certain whether the job was accepted', status: 409 },
  'job/unknown': { title: 'No such job', status: 404 },
  'job/not-cancelable': { title: 'The job has ended', status: 409 },
  'job/not-finished': { title: 'The job has no results yet', status: 404 },
  'job/no-results': { title: 'The job has no results of this kind', status: 404 },
  'job/unsupported': { title: 'The job asks for something this service cannot do', status: 400 },
  'log/unproven': { title: 'A log is not known to be whole', status: 503 },
  'log/older': { title: 'A database is an older copy', status: 503 },
  'log/owners-first': { title: 'Another log must be whole first', status: 409 },
  'log/whole': { title: 'The log is whole', status: 409 },
  'job/too-costly': { title: 'The job costs more than one may', status: 400 },
  'stream/unknown': { title: 'No such stream', status: 404 },
  'field/unknown': { title: 'No such field of a stream', status: 404 },
  'gap/unknown': { title: 'No gap of this gateway waits', status: 404 },
  'projection/unknown': { title: 'No such read model or build', status: 404 },
  'projection/owner-required': { title: 'The service may not build tables', status: 409 },
  'projection/busy': { title: 'Somebody is building this read model', status: 409 },
  'projection/differs': { title: 'The build and the live read model differ', status: 409 },
  'caller/not-permitted': { title: 'This service may not call that method', status: 403 },
  'record/not-yet-here': { title: 'What this needs has not arrived yet', status: 503 },
  'service/busy': { title: 'The service has too much to do', status: 503 },
  'service/unavailable': { title: 'A service behind this one does not answer', status: 503 },
  'internal': { title: 'Something went wrong on our side', status: 500 },
} as const satisfies Record<string, ProblemKind>;

/** A refusal's name: a contract for ever, with a page at `/problems/<code>`. */
export type ProblemCode = keyof typeof table;

/** Every refusal that can leave the house. */
export const problems: Readonly<Record<ProblemCode, ProblemKind>> = table;

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(table, code);

/** The gRPC status that carries a refusal between services. */
export function grpcStatus(code: ProblemCode): number {
  if (code === 'caller/not-permitted') return GRPC_STATUS.permissionDenied;
  switch (problems[code].status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return GRPC_STATUS.invalidArgument;
    case 401:
      return GRPC_STATUS.unauthenticated;
    case 403:
      return GRPC_STATUS.permissionDenied;
    case 404:
      return GRPC_STATUS.notFound;
    case 409:
      return GRPC_STATUS.failedPrecondition;
    case 429:
      return GRPC_STATUS.resourceExhausted;
    case 503:
      return GRPC_STATUS.unavailable;
    default:
      return GRPC_STATUS.internal;
  }
}

/** Where in a request something is wrong: a JSON pointer (RFC 6901) and what to do. */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

/** What is said of a problem wherever it is met: by the gateway before a request is looked at, and by identity in the transaction of its command. */
export const DETAILS = {
  'session/proof-required': 'Confirm that it is you: this change needs a proof of the last 15 minutes.',
  'sign-in/half-required': 'This sign-in has expired. Start again.',
} as const satisfies Partial<Record<ProblemCode, string>>;

/** What the holder of a suspended account can do. */
export const suspendedDetail = (reason: string | undefined): string =>
  reason === 'operator'
    ? 'This account was suspended by an operator. Its keys and projects are kept; ask them why.'
    : 'This account is suspended because it was inactive. Its keys and projects are kept: bring it back at /reactivate, by a link that we mail to you.';
