import { fold } from '#event-sourcing';
import { given } from '#testing';
import fc from 'fast-check';
import { activeOwners, organization, type OrganizationCommand, type OrganizationEvent } from './organization.decider.ts';

const created = { type: 'OrganizationCreated', data: { name: 'Acme', ownerId: 'ada' } } as const;
const bob = { type: 'MemberJoined', data: { accountId: 'bob', role: 'member' } } as const;
const bobOwner: OrganizationEvent = { type: 'MemberRoleChanged', data: { accountId: 'bob', role: 'owner' } };
const adaSuspended: OrganizationEvent = { type: 'MemberSuspended', data: { accountId: 'ada' } };
const project = { type: 'ProjectCreated', data: { projectId: 'p', name: 'First', accountId: 'ada' } } as const;
const archived = { type: 'ProjectArchived', data: { projectId: 'p' } } as const;
const all: OrganizationEvent[] = [created, bob, project];

describe('CreateOrganization', () => {
  it('makes it, owned by its maker', () => { given(organization, []).when({ type: 'CreateOrganization', name: 'Acme', ownerId: 'ada' }).then([created]); });
  it('adds nothing when it is repeated', () => { given(organization, [created]).when({ type: 'CreateOrganization', name: 'Acme', ownerId: 'ada' }).thenNothing(); });
});

describe('what only owners may', () => {
  const commands = [
    { type: 'RenameOrganization', by: 'bob', name: 'B' }, { type: 'ChangeRole', by: 'bob', accountId: 'bob', role: 'owner' }, { type: 'RemoveMember', by: 'bob', accountId: 'ada' },
    { type: 'CreateProject', by: 'bob', projectId: 'q', name: 'Q' }, { type: 'RenameProject', by: 'bob', projectId: 'p', name: 'Q' }, { type: 'ArchiveProject', by: 'bob', projectId: 'p' },
    { type: 'AddProjectMember', by: 'bob', projectId: 'p', accountId: 'bob' }, { type: 'RemoveProjectMember', by: 'bob', projectId: 'p', accountId: 'ada' },
  ] as const satisfies OrganizationCommand[];
  it.each(commands)('is refused to a member: $type', (command) => { given(organization, all).when(command).thenRefused('organization/owner-required'); });
  it.each(commands)('is unknown to a stranger: $type', (command) => { given(organization, all).when({ ...command, by: 'eve' } as OrganizationCommand).thenRefused('organization/unknown'); });
});

describe('the last owner', () => {
  it('cannot leave', () => { given(organization, all).when({ type: 'Leave', by: 'ada' }).thenRefused('organization/last-owner'); });
  it('cannot be removed', () => { given(organization, all).when({ type: 'RemoveMember', by: 'ada', accountId: 'ada' }).thenRefused('organization/last-owner'); });
  it('cannot become a member', () => { given(organization, all).when({ type: 'ChangeRole', by: 'ada', accountId: 'ada', role: 'member' }).thenRefused('organization/last-owner'); });
  it('is told apart from owners who are suspended', () => {
    const two: OrganizationEvent[] = [...all, bobOwner, { type: 'MemberSuspended', data: { accountId: 'bob' } }];
    given(organization, two).when({ type: 'Leave', by: 'ada' }).thenRefused('organization/last-owner');
  });
  it('may leave when there is another', () => {
    given(organization, [...all, bobOwner]).when({ type: 'Leave', by: 'ada' }).then([{ type: 'MemberRemoved', data: { accountId: 'ada', reason: 'left' } }]);
  });
});

describe('RemoveMember', () => {
  it('removes', () => { given(organization, all).when({ type: 'RemoveMember', by: 'ada', accountId: 'bob' }).then([{ type: 'MemberRemoved', data: { accountId: 'bob', reason: 'removed' } }]); });
  it('does not know who is no member', () => { given(organization, all).when({ type: 'RemoveMember', by: 'ada', accountId: 'eve' }).thenRefused('member/unknown'); });
});

describe('Join', () => {
  it('joins the organization and its projects', () => {
    given(organization, [created, project]).when({ type: 'Join', accountId: 'bob', role: 'member', projectIds: ['p'] }).then([bob, { type: 'ProjectMemberAdded', data: { projectId: 'p', accountId: 'bob' } }]);
  });
  it('leaves out a project that was archived since', () => { given(organization, [created, project, archived]).when({ type: 'Join', accountId: 'bob', role: 'member', projectIds: ['p'] }).then([bob]); });
  it('adds nothing for a member', () => { given(organization, all).when({ type: 'Join', accountId: 'bob', role: 'owner', projectIds: [] }).thenNothing(); });
});

describe('projects', () => {
  it('can be archived once', () => {
    given(organization, all).when({ type: 'ArchiveProject', by: 'ada', projectId: 'p' }).then([archived]);
    given(organization, [...all, archived]).when({ type: 'ArchiveProject', by: 'ada', projectId: 'p' }).thenNothing();
  });
  it('stay as they are when archived', () => { given(organization, [...all, archived]).when({ type: 'RenameProject', by: 'ada', projectId: 'p', name: 'Q' }).thenRefused('project/archived'); });
  it('take in members of the organization alone', () => { given(organization, all).when({ type: 'AddProjectMember', by: 'ada', projectId: 'p', accountId: 'eve' }).thenRefused('member/unknown'); });
  it('are unknown by another id', () => { given(organization, all).when({ type: 'RenameProject', by: 'ada', projectId: 'q', name: 'Q' }).thenRefused('project/unknown'); });
});

describe('NoteSuspension', () => {
  it('says that an organization has lost its last active owner, once', () => {
    const note: OrganizationCommand = { type: 'NoteSuspension', accountId: 'ada', suspended: true };
    given(organization, all).when(note).then([{ type: 'MemberSuspended', data: { accountId: 'ada' } }, { type: 'OrganizationOrphaned', data: {} }]);
    given(organization, [...all, adaSuspended]).when(note).thenNothing();
  });
});

const id = fc.constantFrom('ada', 'bob', 'eve');
const role = fc.constantFrom('owner' as const, 'member' as const);
const commands: fc.Arbitrary<OrganizationCommand> = fc.oneof(
  fc.record({ type: fc.constant('ChangeRole' as const), by: id, accountId: id, role }), fc.record({ type: fc.constant('RemoveMember' as const), by: id, accountId: id }),
  fc.record({ type: fc.constant('Leave' as const), by: id }), fc.record({ type: fc.constant('Join' as const), accountId: id, role, projectIds: fc.constant(['p']) }));

it('never stays without an active owner, whatever single commands come', () => {
  fc.assert(fc.property(fc.array(commands, { maxLength: 40 }), (list) => {
    const events: OrganizationEvent[] = [created, project];
    for (const command of list) {
      const decided = organization.decide(command, fold(organization, events));
      if (!('refused' in decided)) events.push(...decided);
      expect(activeOwners(fold(organization, events)).length).toBeGreaterThan(0);
    }
  }));
});
