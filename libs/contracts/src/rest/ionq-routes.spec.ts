import { ionqRoutes } from './ionq-routes.ts';
import type { Route } from './route.ts';

describe('/v0.4', () => {
  it.each(Object.values(ionqRoutes).filter(({ path }: Route) => /\/jobs(?!\/estimate)/.test(path)))(
    'says which scope a key needs for $method $path',
    ({ method, scope }: Route) => {
      expect(scope).toBe(method === 'GET' ? 'jobs:read' : 'jobs:write');
    },
  );
});
