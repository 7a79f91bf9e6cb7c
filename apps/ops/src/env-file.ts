import { makeSecrets, randomSecret } from '#local-servers';
import { OWNERS, prefixOf, SERVICES } from './services.ts';

/** The choices of the person who sets up an installation. */
export interface Wishes {
  readonly origin: string;
  readonly port: number;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
}

/** One line of the file, or a word about those that follow. */
export type EnvLine =
  { readonly about: string } | { readonly name: string; readonly value: string; readonly secret: boolean };

/** The user that the operator's command runs as in its container: it must be able to read the operator's key. */
const OWN_UID = () => String(process.getuid?.() ?? 10_001);

/** The values of a new installation in containers, its secrets random. */
export function newInstallation({ origin, port, smtpUrl, mailFrom }: Wishes): EnvLine[] {
  const { callers, installationKey, masterKey, postgresPassword } = makeSecrets();
  const plain = (name: string, value: string): EnvLine => ({ name, value, secret: false });
  const secret = (name: string, value: string): EnvLine => ({ name, value, secret: true });
  const url = (role: string, password: string, database = role) =>
    `postgres://${role}:${password}@postgres:5432/${database}`;
  const passwords = new Map(OWNERS.map((owner) => [owner, randomSecret()]));
  const databases = OWNERS.map((owner) =>
    secret(`${prefixOf(owner)}_DATABASE_URL`, url(owner.replaceAll('-', '_'), passwords.get(owner) ?? '')),
  );
  const development = smtpUrl === undefined;
  return [
    { about: 'Where people meet the installation, and how mail leaves it' },
    plain('ORIGIN', origin),
    plain('PORT', String(port)),
    smtpUrl === undefined ? plain('SMTP_URL', 'smtp://mail-catcher:2525') : secret('SMTP_URL', smtpUrl),
    plain('MAIL_FROM', mailFrom),
    ...(development
      ? []
      : [
          {
            about:
              'Who may say from which network a caller comes: a proxy on this machine, which reaches the gateway through Docker',
          },
          plain('TRUSTED_PROXIES', 'loopback,uniquelocal'),
        ]),
    {
      about: development
        ? 'Development aids: a catcher for mail, a clock that can be moved. Never on a public origin'
        : 'Development aids: none',
    },
    plain('ROLLCALL_DEV', development ? '1' : '0'),
    ...(development
      ? [
          plain('COMPOSE_PROFILES', 'development'),
          secret('MAIL_CATCHER_URL', `http://mail-catcher:8025/${randomSecret()}`),
        ]
      : []),
    { about: 'Where things are in docker-compose.yml' },
    plain('GRPC_ADDRESS', '0.0.0.0:50051'),
    plain('PEERS', JSON.stringify(Object.fromEntries(OWNERS.map((owner) => [owner, `dns:///${owner}:50051`])))),
    plain('BUS', 'kafka'),
    plain('KAFKA_BROKERS', 'kafka:9092'),
    plain('OPERATORS_FILE', '/etc/rollcall/operators/operators.json'),
    plain('OPERATOR_UID', OWN_UID()),
    { about: 'The databases: as their owner, who makes them, and as each service' },
    secret('POSTGRES_PASSWORD', postgresPassword),
    secret('OWNER_DATABASE_URL', url('postgres', postgresPassword)),
    ...databases,
    secret('PERSON_KEYS_DATABASE_URL', url('identity', passwords.get('identity') ?? '', 'person_keys')),
    { about: 'Wraps the keys of all personal data: without it they are lost, so keep a copy elsewhere' },
    secret('MASTER_KEY', masterKey),
    { about: 'For tokens in links, keyed digests, the check characters of API keys' },
    secret('INSTALLATION_KEY', installationKey),
    { about: 'By which the services know each other' },
    plain(
      'CALLER_KEYS',
      JSON.stringify(Object.fromEntries(SERVICES.map((service) => [service, callers[service].publicKey]))),
    ),
    ...SERVICES.map((service) => secret(`${prefixOf(service)}_CALLER_KEY`, callers[service].privateKey)),
  ];
}

/** A line a value, without quotes, the ends of lines in it escaped: so docker-compose and `node --env-file` read the same. */
export const envFile = (lines: readonly EnvLine[]): string =>
  lines
    .map((line) => ('about' in line ? `\n# ${line.about}.\n` : `${line.name}=${line.value.replaceAll('\n', '\\n')}\n`))
    .join('')
    .trimStart();
