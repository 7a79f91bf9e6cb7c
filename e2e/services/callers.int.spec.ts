import { readdirSync } from 'node:fs';
import { GRPC_PACKAGES, type GrpcOwner, SERVICES, type ServiceName } from '#contracts';
import { makeKeyPair } from '#local-servers';
import { CALLER, type Caller, fromGrpcError, grpcServiceOf } from '#platform';
import { serviceHarness, type ServiceHarness } from '#testing';
import { Client, credentials, Metadata, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { importPKCS8, SignJWT } from 'jose';
import { COMPOSED } from '../../apps/rollcall/src/composition.ts';
import { everyService } from './composition.fixture.ts';

const PERMISSION_DENIED = 7;
const PROTOS = 'libs/contracts/proto';
const GATEWAY: readonly ServiceName[] = ['gateway'];
const GATEWAY_AND_OPERATOR = ['gateway', 'operator'] as const;

/** The permitted callers of each method. A method that is new in a proto has to be entered here. */
const CALLERS: Readonly<Record<string, readonly (ServiceName | 'operator')[]>> = {
  'identity SignUps RequestSignUp': GATEWAY,
  'identity SignUps VerifySignUp': GATEWAY,
  'identity SignUps RegisterInvited': GATEWAY,
  'identity SignUps AddressSignUp': ['mailer'],
  'identity SignIns SignIn': GATEWAY,
  'identity SignIns GetHalf': GATEWAY,
  'identity SignIns ProveHalf': GATEWAY,
  'identity SignIns EndHalf': GATEWAY,
  'identity SignIns AskPasskey': GATEWAY,
  'identity SignIns SignInByPasskey': GATEWAY,
  'identity Security GetSecurity': GATEWAY,
  'identity Security ProveSession': GATEWAY,
  'identity Security ChangePassword': GATEWAY,
  'identity Security SetMultiFactor': GATEWAY,
  'identity Security BeginAuthenticator': GATEWAY,
  'identity Security ConfirmAuthenticator': GATEWAY,
  'identity Security BeginPasskey': GATEWAY,
  'identity Security AddPasskey': GATEWAY,
  'identity Security AskPasskeyProof': GATEWAY,
  'identity Security RenameFactor': GATEWAY,
  'identity Security RemoveFactor': GATEWAY,
  'identity Security IssueRecoveryCodes': GATEWAY,
  'identity Security RequestAddressChange': GATEWAY,
  'identity Security CancelAddressChange': GATEWAY,
  'identity Recoveries WishForMail': GATEWAY,
  'identity Recoveries OpenLink': GATEWAY,
  'identity Recoveries CompleteHalf': GATEWAY,
  'identity Recoveries LookAddressLink': GATEWAY,
  'identity Recoveries ConfirmAddress': GATEWAY,
  'identity Recoveries UndoAddress': GATEWAY,
  'identity Recoveries AskFactorRecovery': GATEWAY,
  'identity Recoveries ConfirmFactorRecovery': GATEWAY,
  'identity Recoveries CancelFactorRecovery': GATEWAY,
  'identity Recoveries CompleteFactorRecovery': GATEWAY,
  'identity Recoveries ApproveFactorRecovery': ['operator'],
  'identity Recoveries AddressLetter': ['mailer'],
  'identity Accounts GetAccount': ['gateway', 'organization'],
  'identity Accounts ChangeName': GATEWAY,
  'identity Accounts SetIdleTimeout': GATEWAY,
  'identity Accounts DescribeAccounts': GATEWAY,
  'identity Accounts FindAccount': ['organization'],
  'identity Accounts InspectAccount': ['operator'],
  'identity Accounts FindAccountByEmail': ['operator'],
  'identity Accounts SuspendAccount': ['operator'],
  'identity Accounts ReactivateAccount': ['operator'],
  'identity Accounts AddressAccount': ['mailer'],
  'identity Accounts GetStanding': ['organization'],
  'identity Accounts ConfirmDemands': ['organization'],
  'identity Sessions CheckSessions': GATEWAY,
  'identity Sessions ListSessions': GATEWAY,
  'identity Sessions EndSession': GATEWAY,
  'identity Sessions EndOtherSessions': GATEWAY,
  'identity Sessions EndAllSessions': ['operator'],
  'identity SingleSignOn Look': ['gateway', 'organization'],
  'identity SingleSignOn Start': GATEWAY,
  'identity SingleSignOn Finish': GATEWAY,
  'identity SingleSignOn Bind': GATEWAY,
  'identity SingleSignOn EndByProvider': GATEWAY,
  'identity SingleSignOn ListAttempts': GATEWAY,
  'identity SingleSignOn GetMetadata': GATEWAY,
  'identity SingleSignOn Unbind': GATEWAY,
  'identity SingleSignOn Confirm': ['organization'],
  'identity SingleSignOn Preview': ['organization'],
  'identity SingleSignOn FindBound': ['organization'],
  'identity SingleSignOn ListGuests': ['organization'],
  'organization Organizations CreateOrganization': GATEWAY,
  'organization Organizations GetOrganization': GATEWAY,
  'organization Organizations ListOrganizations': GATEWAY_AND_OPERATOR,
  'organization Organizations RenameOrganization': GATEWAY,
  'organization Organizations ListMembers': GATEWAY,
  'organization Organizations ChangeRole': GATEWAY,
  'organization Organizations RemoveMember': GATEWAY,
  'organization Organizations LeaveOrganization': GATEWAY,
  'organization Organizations ListOwners': ['mailer', 'key-management'],
  'organization Organizations ListActiveMembers': ['mailer'],
  'organization Organizations ListCoOwners': ['mailer'],
  'organization Organizations DemandSecondFactor': GATEWAY,
  'organization Organizations DemandIdleTimeout': GATEWAY,
  'organization Organizations FindOrganizations': ['operator'],
  'organization Organizations InspectOrganization': ['operator'],
  'organization Organizations InspectProject': ['operator'],
  'organization Invitations Invite': GATEWAY,
  'organization Invitations ListInvitations': GATEWAY,
  'organization Invitations ListOwnInvitations': GATEWAY,
  'organization Invitations ResendInvitation': GATEWAY,
  'organization Invitations RevokeInvitation': GATEWAY,
  'organization Invitations LookInvitation': GATEWAY,
  'organization Invitations AcceptInvitation': ['gateway', 'identity'],
  'organization Invitations AcceptOwnInvitation': GATEWAY,
  'organization Invitations ProveInvitation': ['identity'],
  'organization Invitations AddressInvitation': ['mailer'],
  'organization Projects CreateProject': GATEWAY,
  'organization Projects GetProject': ['gateway', 'key-management'],
  'organization Projects ListProjects': GATEWAY,
  'organization Projects ListProjectIds': GATEWAY,
  'organization Projects DescribeProject': GATEWAY,
  'organization Projects RenameProject': GATEWAY,
  'organization Projects ArchiveProject': GATEWAY,
  'organization Projects ListProjectMembers': GATEWAY,
  'organization Projects AddProjectMember': GATEWAY,
  'organization Projects RemoveProjectMember': GATEWAY,
  'organization Record ListRecord': GATEWAY,
  'organization SingleSignOn DraftConnection': GATEWAY,
  'organization SingleSignOn ListConnections': GATEWAY,
  'organization SingleSignOn GetConnection': GATEWAY,
  'organization SingleSignOn PutOidc': GATEWAY,
  'organization SingleSignOn PutSaml': GATEWAY,
  'organization SingleSignOn PutSettings': GATEWAY,
  'organization SingleSignOn PreviewConnection': GATEWAY,
  'organization SingleSignOn Enforce': GATEWAY,
  'organization SingleSignOn TurnOff': GATEWAY,
  'organization SingleSignOn RemoveConnection': GATEWAY,
  'organization SingleSignOn ClaimDomain': GATEWAY,
  'organization SingleSignOn ListDomains': GATEWAY,
  'organization SingleSignOn VerifyDomain': GATEWAY,
  'organization SingleSignOn ReleaseDomain': GATEWAY,
  'organization SingleSignOn GetGovernance': GATEWAY,
  'organization SingleSignOn OpenConnection': ['identity'],
  'organization SingleSignOn RecordTest': ['identity'],
  'organization SingleSignOn LookPerson': ['identity'],
  'organization SingleSignOn AdmitMember': ['identity'],
  'organization SingleSignOn ListSingleSignOn': ['operator'],
  'organization SingleSignOn ExplainSingleSignOn': ['operator'],
  'organization SingleSignOn OverrideTurnOff': ['operator'],
  'organization SingleSignOn OverrideVerifyDomain': ['operator'],
  'organization SingleSignOn MakeScimToken': GATEWAY,
  'organization SingleSignOn ListScimTokens': GATEWAY,
  'organization SingleSignOn RevokeScimToken': GATEWAY,
  'organization Provisioning CreateUser': GATEWAY,
  'organization Provisioning GetUser': GATEWAY,
  'organization Provisioning ListUsers': GATEWAY,
  'organization Provisioning ReplaceUser': GATEWAY,
  'organization Provisioning PatchUser': GATEWAY,
  'organization Provisioning DeleteUser': GATEWAY,
  'key-management Keys IssueKey': GATEWAY,
  'key-management Keys RotateKey': GATEWAY,
  'key-management Keys RenameKey': GATEWAY,
  'key-management Keys RevokeKey': GATEWAY,
  'key-management Keys ReportLeak': GATEWAY,
  'key-management Keys RevokeKeys': ['operator'],
  'key-management Keys FindKeys': ['operator'],
  'key-management Keys ListKeys': GATEWAY_AND_OPERATOR,
  'key-management Keys GetKey': GATEWAY,
  'key-management Keys DescribeKeys': GATEWAY,
  'key-management Keys ListUses': GATEWAY,
  'key-management Keys CountKeys': GATEWAY,
  'key-management Keys NameKeys': GATEWAY,
  'key-management Gate VerifyKeys': GATEWAY,
  'key-management Gate RecordUse': GATEWAY,
  'key-management Gate ConfirmWithdrawal': ['organization', 'identity'],
  'key-management Fence Register': GATEWAY,
  'key-management Fence Renew': GATEWAY,
  'key-management Fence Follow': GATEWAY,
  'key-management Fence Leave': GATEWAY,
  'key-management Fence Recall': GATEWAY,
  'inactivity-policy Inactivity RecordActivity': GATEWAY,
  'inactivity-policy Inactivity GetInactivity': GATEWAY_AND_OPERATOR,
  'inactivity-policy Inactivity ListSeen': GATEWAY,
  'inactivity-policy Inactivity GetReturn': GATEWAY,
  'inactivity-policy Inactivity Heartbeat': GATEWAY,
  'inactivity-policy Inactivity ListGaps': ['operator'],
  'inactivity-policy Inactivity ListGateways': ['operator'],
  'inactivity-policy Inactivity CloseGap': ['operator'],
  'inactivity-policy DevClock AdvanceClock': GATEWAY,
  'inactivity-policy DevClock ReadClock': GATEWAY,
  'job-queue Jobs SubmitJob': GATEWAY,
  'job-queue Jobs EstimateJob': GATEWAY,
  'job-queue Jobs GetJob': GATEWAY,
  'job-queue Jobs ListJobs': GATEWAY,
  'job-queue Jobs CountJobs': GATEWAY,
  'job-queue Jobs CountJobDays': GATEWAY,
  'job-queue Jobs GetHistogram': GATEWAY,
  'job-queue Jobs CancelJobs': GATEWAY,
  'job-queue Jobs DeleteJobs': GATEWAY,
  'job-queue Jobs GetProbabilities': GATEWAY,
  'job-queue Jobs GetSamples': GATEWAY,
  'mailer Mails ListOutcomes': GATEWAY,
  ...Object.fromEntries<readonly (ServiceName | 'operator')[]>(
    COMPOSED.flatMap((name): [string, readonly (ServiceName | 'operator')[]][] => [
      [`${name} History ReadStream`, COMPOSED],
      [`${name} History PublishedUpTo`, COMPOSED],
      [`${name} History EventHistory`, [...COMPOSED, 'operator']],
    ]),
  ),
};

/** Every service answers these, to operators alone. */
const OPERATIONS = [
  ...[
    'GetStatus',
    'ReadStream',
    'ExplainField',
    'TailEvents',
    'CheckInvariants',
    'ListParked',
    'RetryParked',
    'SkipParked',
    'SkipRecord',
    'RestartInbox',
    'RepublishTopic',
    'ReplayEvents',
    'ReopenLog',
    'RotateKey',
  ].map((method) => `Operations ${method}`),
  ...[
    'ListProjections',
    'RebuildProjection',
    'PromoteProjection',
    'RollbackProjection',
    'VerifyProjection',
    'DropBuild',
  ].map((method) => `Projections ${method}`),
];
const OPERATOR_METHODS = (Object.keys(GRPC_PACKAGES) as GrpcOwner[]).flatMap((owner) =>
  OPERATIONS.map((method) => `${owner} ${method}`),
);

type Unary = MethodDefinition<object, object>;

/** Every method of every service, as the protos on disk say. */
const methods = (Object.keys(GRPC_PACKAGES) as GrpcOwner[]).flatMap((owner) =>
  serviceNames(owner).flatMap((service) =>
    Object.entries(grpcServiceOf(owner, service).service).map(([method, definition]) => ({
      name: `${owner} ${service} ${method}`,
      owner,
      definition: definition as Unary,
    })),
  ),
);

function serviceNames(owner: GrpcOwner): string[] {
  const files = readdirSync(PROTOS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.proto'));
  const packages = GRPC_PACKAGES[owner];
  return Object.entries(loadSync(files, { includeDirs: [PROTOS] })).flatMap(([name, definition]) => {
    const at = name.lastIndexOf('.');
    return !('format' in definition) && packages.includes(name.slice(0, at)) ? [name.slice(at + 1)] : [];
  });
}

describe('the callers of gRPC methods', () => {
  let harness: ServiceHarness;
  const clients = new Map<GrpcOwner, Client>();

  beforeAll(async () => {
    harness = await serviceHarness(await everyService('smtp://127.0.0.1:1'));
    for (const owner of Object.keys(GRPC_PACKAGES) as GrpcOwner[])
      clients.set(owner, new Client(harness.address(owner), credentials.createInsecure()));
  });
  afterAll(async () => {
    for (const client of clients.values()) client.close();
    await harness.stop();
  });

  /** Calls with an empty request; what it was refused with. */
  const call = ({ owner, definition }: (typeof methods)[number], token?: string) =>
    new Promise<{ grpc?: number; problem?: string }>((done, failed) => {
      const client = clients.get(owner);
      if (!client) {
        failed(new Error(`no client of ${owner}`));
        return;
      }
      const metadata = new Metadata();
      if (token !== undefined) metadata.set(CALLER, token);
      client.makeUnaryRequest(
        definition.path,
        definition.requestSerialize,
        definition.responseDeserialize,
        {},
        metadata,
        { deadline: Date.now() + 10_000 },
        (error: ServiceError | null) => {
          if (!error) {
            done({});
            return;
          }
          const problem = fromGrpcError(error, owner);
          done({ grpc: error.code, problem: 'code' in problem ? String(problem.code) : 'internal' });
        },
      );
    });

  interface Claims {
    signer: Caller;
    issuer?: string;
    audience: string;
    expires?: string;
    key?: string;
    kid?: string;
  }
  const token = async ({
    signer,
    issuer = signer,
    audience,
    expires = '30s',
    key = harness.callerKey(signer),
    kid = signer,
  }: Claims) =>
    new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(await importPKCS8(key, 'EdDSA'));
  const denied = { grpc: PERMISSION_DENIED, problem: 'caller/not-permitted' };
  const callerOf = (name: string): Caller => CALLERS[name]?.find((caller) => caller !== 'operator') ?? 'operator:ada';

  it('are named for every method of the protos, and for nothing else', () => {
    expect(methods.map(({ name }) => name).sort()).toEqual([...Object.keys(CALLERS), ...OPERATOR_METHODS].sort());
  });

  it.each(SERVICES)('%s is refused by every method that does not name it, and by no other', async (caller) => {
    const answers = await Promise.all(
      methods.map(
        async (method) =>
          [
            method.name,
            (await call(method, await token({ signer: caller, audience: method.owner }))).problem ===
              'caller/not-permitted',
          ] as const,
      ),
    );
    expect(Object.fromEntries(answers)).toEqual(
      Object.fromEntries(methods.map(({ name }) => [name, !CALLERS[name]?.includes(caller)])),
    );
  });

  it('let an operator use the operations and nothing else', async () => {
    const answers = await Promise.all(
      methods.map(
        async (method) =>
          [
            method.name,
            (await call(method, await token({ signer: 'operator:ada', audience: method.owner }))).problem ===
              'caller/not-permitted',
          ] as const,
      ),
    );
    expect(Object.fromEntries(answers)).toEqual(
      Object.fromEntries(
        methods.map(({ name }) => [
          name,
          !OPERATOR_METHODS.includes(name) && !(CALLERS[name] ?? []).includes('operator'),
        ]),
      ),
    );
  });

  it('let nobody operate who is not in the file of operators, and no service in the name of an operator', async () => {
    const method = methods.find(({ name }) => name === 'identity Operations GetStatus');
    if (!method) throw new Error('there is no such method');
    const stranger = await token({
      signer: 'operator:ada',
      issuer: 'operator:eve',
      kid: 'operator:eve',
      audience: 'identity',
    });
    const service = await token({ signer: 'gateway', issuer: 'operator:ada', audience: 'identity' });
    expect([await call(method, stranger), await call(method, service)]).toEqual([denied, denied]);
  });

  it.each<[string, (method: (typeof methods)[number]) => Promise<string | undefined>]>([
    ['without a token', async () => undefined],
    ['with a text that is no token', async () => 'gateway'],
    [
      'with a token that has expired',
      ({ name, owner }) => token({ signer: callerOf(name), audience: owner, expires: '-1s' }),
    ],
    [
      'with a token for another audience',
      ({ name, owner }) => token({ signer: callerOf(name), audience: owner === 'mailer' ? 'identity' : 'mailer' }),
    ],
    [
      'with a token signed by a key that nobody knows',
      ({ name, owner }) => token({ signer: callerOf(name), audience: owner, key: unknownKey }),
    ],
    [
      'with a token that a service signed in the name of another',
      ({ name, owner }) =>
        token({ signer: callerOf(name) === 'gateway' ? 'mailer' : 'gateway', issuer: callerOf(name), audience: owner }),
    ],
    [
      'with a token without signature',
      async ({ name, owner }) =>
        unsigned({ iss: callerOf(name), aud: owner, exp: Math.floor(Date.now() / 1000) + 30 }, callerOf(name)),
    ],
  ])('nobody gets in %s', async (_how, tokenFor) => {
    const answers = await Promise.all(
      methods.map(async (method) => [method.name, await call(method, await tokenFor(method))] as const),
    );
    expect(Object.fromEntries(answers)).toEqual(Object.fromEntries(methods.map(({ name }) => [name, denied])));
  });
});

const unknownKey = makeKeyPair().privateKey;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (payload: object, kid: string) => `${part({ alg: 'none', kid })}.${part(payload)}.`;
