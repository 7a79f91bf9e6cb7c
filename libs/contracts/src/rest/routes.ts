import { accountRoutes } from './account-routes.ts';
import { connectionRoutes } from './connection-routes.ts';
import { developmentRoutes } from './development-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { inactivityRoutes } from './inactivity-routes.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { jobRoutes } from './job-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { organizationRoutes } from './organization-routes.ts';
import { projectRoutes } from './project-routes.ts';
import { recoveryRoutes } from './recovery-routes.ts';
import { securityRoutes } from './security-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { signUpRoutes } from './sign-up-routes.ts';
import { startRoutes } from './start-routes.ts';

/** Rollcall's own API, whole: `/v1`. A file for each subject. */
export const routes = {
  ...startRoutes,
  ...signUpRoutes,
  ...signInRoutes,
  ...sessionRoutes,
  ...accountRoutes,
  ...securityRoutes,
  ...recoveryRoutes,
  ...inactivityRoutes,
  ...organizationRoutes,
  ...connectionRoutes,
  ...memberRoutes,
  ...invitationRoutes,
  ...projectRoutes,
  ...keyRoutes,
  ...jobRoutes,
  ...eventRoutes,
  ...developmentRoutes,
} as const;

export type RouteName = keyof typeof routes;
