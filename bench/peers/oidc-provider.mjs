// oidc-provider's introspection of opaque tokens, all kept in a Map. Argument: how many tokens.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const kept = new Map();
class InMemory {
  constructor(name) {
    this.name = name;
  }
  async upsert(id, payload) {
    kept.set(`${this.name}:${id}`, payload);
  }
  async find(id) {
    return kept.get(`${this.name}:${id}`);
  }
  async destroy(id) {
    kept.delete(`${this.name}:${id}`);
  }
  async findByUserCode() {
    return undefined;
  }
  async findByUid() {
    return undefined;
  }
  async consume() {}
  async revokeByGrantId() {}
}

const client = {
  client_id: 'bench',
  client_secret: 'secret-of-the-bench',
  redirect_uris: [],
  response_types: [],
  grant_types: ['client_credentials'],
  scope: 'api',
};
const provider = new Provider('http://localhost', {
  adapter: InMemory,
  clients: [client],
  scopes: ['api'],
  cookies: { keys: ['for this measurement alone'] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
  },
});
provider.on('server_error', (_, error) => {
  console.error(error);
});
const owner = await provider.Client.find('bench');
const make = async () => {
  const token = new provider.ClientCredentials({ client: owner, scope: 'api' });
  return { id: token.jti, key: await token.save() };
};
const good = [];
for (let n = 0; n < Number(process.argv[2]); n++) good.push((await make()).key);
const bad = [];
for (let n = 0; n < Math.ceil(good.length / 89); n++) {
  const { key } = await make();
  await (await provider.ClientCredentials.find(key)).destroy();
  bad.push(key);
}

const server = createServer(provider.callback());
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.({
    port: server.address().port,
    good,
    bad,
    authorization: `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64')}`,
  });
});
process.on('disconnect', () => process.exit(0));
