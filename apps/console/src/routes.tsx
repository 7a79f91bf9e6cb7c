import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent as lazy,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { Refusal } from './api/client.ts';
import { keys, projects, start } from './api/queries.ts';
import { readJobsSearch } from './jobs/jobs.search.ts';
import { readKeyDialogs, readKeysSearch } from './keys/keys.search.ts';
import { KeysPage } from './keys/keys-page.tsx';
import { readActivitySearch, readMembersSearch } from './organization/organization.search.ts';
import { chosen } from './context/organization.ts';
import { uuid } from './context/search.ts';
import { Shell } from './shell/shell.tsx';
import { NotFound, Trouble } from './states/trouble.tsx';
import { readSettingsSearch } from './settings/settings.search.ts';
import { readSignInSearch } from './ways/ways.search.ts';

interface Context {
  queries: QueryClient;
}

/** The map of the console: each page, its address, and what it needs before it shows. */
const root = createRootRouteWithContext<Context>()({
  validateSearch: (search: Record<string, unknown>) => uuid('org', search),
  search: { middlewares: [retainSearchParams(['org'])] },
  notFoundComponent: NotFound,
  errorComponent: Trouble,
});

/** Ways in: of whoever is not signed in, and behind every mailed link. */
const way = createRoute({
  getParentRoute: () => root,
  id: 'ways',
  component: lazy(() => import('./ways/ways.tsx'), 'Ways'),
});
const ways = [
  createRoute({
    getParentRoute: () => way,
    path: '/',
    component: lazy(() => import('./ways/home-page.tsx'), 'HomePage'),
    loader: async ({ context: { queries } }) => {
      const { account } = await queries.ensureQueryData(start);
      if (account) throw redirect({ to: '/keys' });
    },
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/sign-up',
    component: lazy(() => import('./ways/sign-up-page.tsx'), 'SignUpPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/sign-up/sent',
    component: lazy(() => import('./ways/sign-up-page.tsx'), 'SentPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/verify',
    component: lazy(() => import('./ways/verify-page.tsx'), 'VerifyPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/sign-in',
    validateSearch: readSignInSearch,
    component: lazy(() => import('./ways/sign-in-page.tsx'), 'SignInPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/sign-in/factor',
    validateSearch: readSignInSearch,
    component: lazy(() => import('./ways/factor-page.tsx'), 'FactorPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/forgot',
    component: lazy(() => import('./ways/forgot-page.tsx'), 'ForgotPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/reset',
    component: lazy(() => import('./ways/reset-page.tsx'), 'ResetPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/reactivate',
    component: lazy(() => import('./ways/reset-page.tsx'), 'ReactivatePage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/suspended',
    component: lazy(() => import('./ways/suspended-page.tsx'), 'SuspendedPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/invitation',
    component: lazy(() => import('./ways/invitation-page.tsx'), 'InvitationPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/address',
    component: lazy(() => import('./ways/link-pages.tsx'), 'AddressPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/address/undo',
    component: lazy(() => import('./ways/link-pages.tsx'), 'UndoAddressPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/recovery',
    component: lazy(() => import('./ways/link-pages.tsx'), 'RecoveryPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/recovery/cancel',
    component: lazy(() => import('./ways/link-pages.tsx'), 'CancelRecoveryPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/recovery/complete',
    component: lazy(() => import('./ways/link-pages.tsx'), 'CompleteRecoveryPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/sso/bind',
    component: lazy(() => import('./ways/provider-pages.tsx'), 'BindPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/sso-link',
    component: lazy(() => import('./ways/provider-pages.tsx'), 'BindPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/sso/$id',
    component: lazy(() => import('./ways/provider-pages.tsx'), 'BeginPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/sso/$id/callback',
    component: lazy(() => import('./ways/provider-pages.tsx'), 'CallbackPage'),
  }),
  createRoute({
    getParentRoute: () => way,
    path: '/sso/$id/acs',
    component: lazy(() => import('./ways/provider-pages.tsx'), 'CallbackPage'),
  }),
];

/** The manual for account holders, for everybody. */
const help = [
  createRoute({
    getParentRoute: () => root,
    path: '/help',
    component: Outlet,
    loader: () => {
      throw redirect({ to: '/help/account' });
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/help/account',
    component: lazy(() => import('./help/help-pages.tsx'), 'AccountHelpPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/help/api-keys',
    component: lazy(() => import('./help/help-pages.tsx'), 'KeysHelpPage'),
  }),
];

/** Pages of somebody who is signed in. Whoever is not signs in first, and comes back. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  errorComponent: Trouble,
  loader: async ({ context: { queries }, location }) => {
    try {
      const { account, session } = await queries.ensureQueryData(start);
      if (!account) throw redirect({ to: '/sign-in', search: { to: location.href } });
      // Until a second factor is there that an organization asks for, the account's own page alone is open.
      if (session?.confined && location.pathname !== '/settings') throw redirect({ to: '/settings', hash: 'sign-in' });
    } catch (error) {
      if (error instanceof Refusal && error.problem.code === 'account/suspended') throw redirect({ to: '/suspended' });
      throw error;
    }
  },
});

const keysPage = createRoute({
  getParentRoute: () => inside,
  path: '/keys',
  component: KeysPage,
  validateSearch: readKeysSearch,
  loaderDeps: ({ search: { status } }) => ({ status }),
  loader: async ({ context: { queries }, deps: { status = 'active' as const }, location: { search } }) => {
    const { organizations } = await queries.ensureQueryData(start);
    const current = chosen(organizations, (search as { org?: string }).org);
    if (!current) return;
    void queries.prefetchInfiniteQuery(keys({ organizationId: current.id, status }));
    void queries.prefetchQuery(projects(current.id));
  },
});
const keyPage = createRoute({
  getParentRoute: () => inside,
  path: '/keys/$id',
  component: lazy(() => import('./keys/key-page.tsx'), 'KeyPage'),
  validateSearch: readKeyDialogs,
});
const pages = [
  createRoute({
    getParentRoute: () => inside,
    path: '/jobs',
    component: lazy(() => import('./jobs/jobs-page.tsx'), 'JobsPage'),
    validateSearch: readJobsSearch,
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/jobs/$id',
    component: lazy(() => import('./jobs/job-page.tsx'), 'JobPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/projects',
    component: lazy(() => import('./projects/projects-page.tsx'), 'ProjectsPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/projects/$id',
    component: lazy(() => import('./projects/project-page.tsx'), 'ProjectPage'),
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/settings',
    component: lazy(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
    validateSearch: readSettingsSearch,
  }),
  createRoute({
    getParentRoute: () => inside,
    path: '/welcome-back',
    component: lazy(() => import('./settings/welcome-back-page.tsx'), 'WelcomeBackPage'),
  }),
];

const organization = createRoute({
  getParentRoute: () => inside,
  path: '/organization',
  component: lazy(() => import('./organization/organization.tsx'), 'OrganizationPages'),
});
const organizationPages = [
  createRoute({
    getParentRoute: () => organization,
    path: '/',
    component: Outlet,
    loader: () => {
      throw redirect({ to: '/organization/members' });
    },
  }),
  createRoute({
    getParentRoute: () => organization,
    path: '/members',
    component: lazy(() => import('./organization/members-page.tsx'), 'MembersPage'),
    validateSearch: readMembersSearch,
  }),
  createRoute({
    getParentRoute: () => organization,
    path: '/invitations',
    component: lazy(() => import('./organization/invitations-page.tsx'), 'InvitationsPage'),
  }),
  createRoute({
    getParentRoute: () => organization,
    path: '/single-sign-on',
    component: lazy(() => import('./organization/single-sign-on-page.tsx'), 'SingleSignOnPage'),
  }),
  createRoute({
    getParentRoute: () => organization,
    path: '/single-sign-on/$id/$step',
    component: lazy(() => import('./organization/connection-page.tsx'), 'SingleSignOnStepPage'),
  }),
  createRoute({
    getParentRoute: () => organization,
    path: '/domains',
    component: lazy(() => import('./organization/domains-page.tsx'), 'DomainsPage'),
  }),
  createRoute({
    getParentRoute: () => organization,
    path: '/policy',
    component: lazy(() => import('./organization/policy-page.tsx'), 'PolicyPage'),
  }),
  createRoute({
    getParentRoute: () => organization,
    path: '/activity',
    component: lazy(() => import('./organization/activity-page.tsx'), 'ActivityPage'),
    validateSearch: readActivitySearch,
  }),
];

const tree = root.addChildren([
  way.addChildren(ways),
  ...help,
  inside.addChildren([keysPage, keyPage, ...pages, organization.addChildren(organizationPages)]),
]);

export const makeRouter = (queries: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: Trouble,
    scrollRestoration: true,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
