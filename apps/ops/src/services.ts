import type { GrpcOwner, ServiceName } from '#contracts';

/** Written out, as looking them up would load every contract before anything is asked. */
export const OWNERS = Object.keys({
  'identity': true,
  'organization': true,
  'key-management': true,
  'inactivity-policy': true,
  'job-queue': true,
  'mailer': true,
} satisfies Record<GrpcOwner, true>) as readonly GrpcOwner[];

export const SERVICES = Object.keys({
  'gateway': true,
  'identity': true,
  'organization': true,
  'key-management': true,
  'inactivity-policy': true,
  'job-queue': true,
  'mailer': true,
} satisfies Record<ServiceName, true>) as readonly ServiceName[];

/** `KEY_MANAGEMENT`: what stands before the variables that one service alone is told. */
export const prefixOf = (service: ServiceName): string => service.replaceAll('-', '_').toUpperCase();
