import type { GatewayConfig } from '../config.ts';
import { escaped } from './page.ts';

/** The start page until there is a console: links, and a first session to copy. */
export function firstSession({ origin, development }: Pick<GatewayConfig, 'origin' | 'development'>): string {
  const mail = development
    ? `curl -s '${origin}/dev/mail?to=ada@example.com'   # the caught mail; its link carries #token=…`
    : '# open the link in the mail; its token stands behind #token=';
  const session = `H='Rollcall-Client: curl'; J='Content-Type: application/json'
curl -s -H "$H" -H "$J" ${origin}/v1/sign-ups -d '{"email":"ada@example.com"}'
${mail}
TOKEN=…   # paste it here
curl -s -c jar -H "$H" -H "$J" ${origin}/v1/sign-ups/verify -d "{\\"token\\":\\"$TOKEN\\",\\"name\\":\\"Ada\\",\\"password\\":\\"a long walk in the rain\\"}"
PROJECT=…   # project.id of that answer
curl -s -b jar -H "$H" -H "$J" ${origin}/v1/keys -d "{\\"name\\":\\"laptop\\",\\"projectId\\":\\"$PROJECT\\"}"
SECRET=…   # secret of that answer, shown this once
curl -s -H "Authorization: apiKey $SECRET" ${origin}/v0.4/whoami
curl -s -H "Authorization: apiKey $SECRET" -H "$J" ${origin}/v0.4/jobs -d '{"type":"ionq.circuit.v1","backend":"simulator","shots":100,"input":{"gateset":"qis","qubits":2,"circuit":[{"gate":"h","target":0},{"gate":"cnot","control":0,"target":1}]}}'`;
  return `<p>The identity back end of an API platform: accounts, organizations, projects, API keys.</p>
<ul><li><a href="/docs">API documentation</a> (<a href="/openapi.json">OpenAPI 3.1</a>)</li>${development ? '<li><a href="/dev/mail">Caught mail</a></li>' : ''}<li><a href="/sign-in">Sign in</a></li><li><a href="/readyz">Readiness</a></li></ul>
<h2>A first session</h2><pre>${escaped(session)}</pre>`;
}
