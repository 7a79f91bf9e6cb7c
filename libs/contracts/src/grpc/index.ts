import type * as envoy from './envoy.ts';
import type * as gateway from '../generated/rollcall/gateway/v1/gateway.ts';
import type * as history from '../generated/rollcall/history/v1/history.ts';
import type * as identity from '../generated/rollcall/identity/v1/identity.ts';
import type * as inactivity from '../generated/rollcall/inactivity/v1/inactivity.ts';
import type * as jobQueue from '../generated/rollcall/jobqueue/v1/jobqueue.ts';
import type * as keyManagement from '../generated/rollcall/keymanagement/v1/keymanagement.ts';
import type * as mailer from '../generated/rollcall/mailer/v1/mailer.ts';
import type * as operations from '../generated/rollcall/operations/v1/operations.ts';
import type * as organization from '../generated/rollcall/organization/v1/organization.ts';

export type {
  envoy,
  gateway,
  history,
  identity,
  inactivity,
  jobQueue,
  keyManagement,
  mailer,
  operations,
  organization,
};

/** Every process that can call or be called. Its name is its audience in caller tokens, its database and its role. */
export const SERVICES = [
  'gateway',
  'identity',
  'organization',
  'key-management',
  'inactivity-policy',
  'job-queue',
  'mailer',
] as const;
export type ServiceName = (typeof SERVICES)[number];

/** What each service answers by gRPC; the methods' shapes are the protos in `libs/contracts/proto`. */
export interface GrpcServices {
  'identity': {
    SignUps: identity.SignUps;
    SignIns: identity.SignIns;
    Security: identity.Security;
    Recoveries: identity.Recoveries;
    Accounts: identity.Accounts;
    Sessions: identity.Sessions;
    SingleSignOn: identity.SingleSignOn;
    History: history.History;
    Operations: operations.Operations;
    Projections: operations.Projections;
  };
  'organization': {
    Organizations: organization.Organizations;
    Invitations: organization.Invitations;
    Projects: organization.Projects;
    Record: organization.Record;
    SingleSignOn: organization.SingleSignOn;
    Provisioning: organization.Provisioning;
    History: history.History;
    Operations: operations.Operations;
    Projections: operations.Projections;
  };
  'key-management': {
    Keys: keyManagement.Keys;
    Gate: keyManagement.Gate;
    Fence: keyManagement.Fence;
    History: history.History;
    Operations: operations.Operations;
    Projections: operations.Projections;
  };
  'inactivity-policy': {
    Inactivity: inactivity.Inactivity;
    DevClock: inactivity.DevClock;
    History: history.History;
    Operations: operations.Operations;
    Projections: operations.Projections;
  };
  'job-queue': {
    Jobs: jobQueue.Jobs;
    History: history.History;
    Operations: operations.Operations;
    Projections: operations.Projections;
  };
  'mailer': {
    Mails: mailer.Mails;
    History: history.History;
    Operations: operations.Operations;
    Projections: operations.Projections;
  };
}

/** A service that answers by gRPC. */
export type GrpcOwner = keyof GrpcServices;

/** What every service answers beside what is its own. */
const EVERY = ['rollcall.history.v1', 'rollcall.operations.v1'] as const;

/** Packages (and by them proto files) of each service. */
export const GRPC_PACKAGES: Readonly<Record<GrpcOwner, readonly string[]>> = {
  'identity': ['rollcall.identity.v1', ...EVERY],
  'organization': ['rollcall.organization.v1', ...EVERY],
  'key-management': ['rollcall.keymanagement.v1', ...EVERY],
  'inactivity-policy': ['rollcall.inactivity.v1', ...EVERY],
  'job-queue': ['rollcall.jobqueue.v1', ...EVERY],
  'mailer': ['rollcall.mailer.v1', ...EVERY],
};
