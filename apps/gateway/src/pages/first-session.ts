import type { GatewayConfig } from '../config.ts';

const JOB = JSON.stringify({
  type: 'ionq.circuit.v1',
  backend: 'simulator',
  shots: 100,
  input: {
    gateset: 'qis',
    qubits: 2,
    circuit: [
      { gate: 'h', target: 0 },
      { gate: 'cnot', control: 0, target: 1 },
    ],
  },
});

/** A first session for a shell with curl: in development it runs whole as it is copied, elsewhere the mail's token is pasted in between. */
export function firstSession({ origin, development }: Pick<GatewayConfig, 'origin' | 'development'>): string {
  const token = development
    ? `# The mail is caught here; its link carries the token.
TOKEN=$(curl -s "$O/dev/mail?to=ada@example.com" | grep -o 'token=[A-Za-z0-9_-]*' | tail -n 1 | cut -d= -f2)`
    : `# Open the mail; the token stands behind #token= in its link.
read -r -p 'Token: ' TOKEN`;
  return `O=${origin}; H='Rollcall-Client: curl'; J='Content-Type: application/json'
curl -s -H "$H" -H "$J" $O/v1/sign-ups -d '{"email":"ada@example.com"}'
${token}
PROJECT=$(curl -s -c jar -H "$H" -H "$J" $O/v1/sign-ups/verify -d '{"token":"'$TOKEN'","name":"Ada","password":"a long walk in the rain"}' | sed 's/.*"project":{"id":"\\([^"]*\\).*/\\1/')
SECRET=$(curl -s -b jar -H "$H" -H "$J" $O/v1/keys -d '{"name":"laptop","projectId":"'$PROJECT'"}' | sed 's/.*"secret":"\\([^"]*\\).*/\\1/')
curl -s -H "Authorization: apiKey $SECRET" $O/v0.4/whoami; echo
curl -s -H "Authorization: apiKey $SECRET" -H "$J" $O/v0.4/jobs -d '${JOB}'; echo
curl -s -H "Authorization: apiKey $SECRET" $O/v0.4/jobs; echo`;
}
