import { gateRoutes, ionqRoutes, problems, type Route, routes } from '#contracts';
import { CONSOLE_PATHS } from '../console/console-paths.ts';

/** What there is, in plain text for programs that read on a person's behalf (llmstxt.org). */
export function forMachines({ origin }: { readonly origin: string }): string {
  const served: readonly Route[] = [routes, ionqRoutes, gateRoutes].flatMap((table) => Object.values<Route>(table));
  const lines = served
    .filter(({ access }) => access !== 'development')
    .map(({ method, path, does, access }) => `- \`${method} ${path}\` (${access}): ${does}`);
  return `# Rollcall

> Accounts, organizations, projects and API keys of an API platform, at ${origin}.

Writes carry the header \`Rollcall-Client: <name of your program>\`. Sessions are a cookie, and so are sign-ins that wait for another proof (\`half\`); keys go in \`Authorization: apiKey <key>\`.
Refusals are problem details (RFC 9457) with a stable \`code\`; each code has a page.

## Documents

- [OpenAPI 3.1](${origin}/openapi.json): every route, with its schemas
- [Problems](${origin}/problems): every code

## Pages for people

${CONSOLE_PATHS.filter((path) => !/[:*]/.test(path))
  .map((path) => `- [${path}](${origin}${path})`)
  .join('\n')}

## Routes

${lines.join('\n')}

## Problems

${Object.entries(problems)
  .map(([code, { title, status }]) => `- [${code}](${origin}/problems/${code}.md): ${status}, ${title}`)
  .join('\n')}
`;
}
