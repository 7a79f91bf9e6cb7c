import type { organization } from '#contracts';
import type { CallContext, Peer } from '#platform';
import type { Command } from 'commander';
import { lookOption, looks } from './declare.ts';
import { EXIT, Ended } from './exit.ts';
import { withInstallation } from './installation.ts';
import { type Form, outputOption, print, printOne, say } from './output.ts';

interface Options {
  readonly output: Form;
  readonly reason: string;
}
type Organizations = Peer<organization.Organizations>;

async function asking<T>(
  ask: (organizations: Organizations, context: CallContext) => Promise<T>,
  show: (found: T) => void,
) {
  await withInstallation(async ({ peers, context }) => {
    show(await ask(peers.of('organization', 'Organizations'), context()));
    say('Your look and its reason are kept.');
  });
}

const find = ({ output, name, reason }: Options & { readonly name: string }) =>
  asking(
    (peer, context) => peer.findOrganizations({ name, reason }, context),
    ({ organizations }) => {
      if (organizations.length === 0) throw new Ended(EXIT.notFound, `No organization has ${name} in its name.`);
      print(
        organizations.map((each) => ({ organization: each.organizationId, name: each.name })),
        output,
      );
    },
  );

const show = (id: string, { output, reason }: Options) =>
  asking(
    (peer, context) => peer.inspectOrganization({ id, reason }, context),
    ({ organization: found, members, projects }) => {
      printOne(
        {
          organization: found?.organizationId,
          name: found?.name,
          members: peopleOf(members),
          projects: projects.map(({ projectId, status }) => `${projectId} (${status})`).join(', '),
        },
        output,
      );
    },
  );

const showProject = (id: string, { output, reason }: Options) =>
  asking(
    (peer, context) => peer.inspectProject({ id, reason }, context),
    ({ project, organizationName, members }) => {
      printOne(
        {
          project: project?.projectId,
          name: project?.name,
          status: project?.status,
          organization: project?.organizationId,
          organizationName,
          members: peopleOf(members),
        },
        output,
      );
    },
  );

const peopleOf = (members: readonly organization.Member[]) =>
  members.map(({ accountId, role }) => `${accountId} (${role})`).join(', ');

export function organizationCommands(program: Command): void {
  const common = (command: Command) => command.addOption(lookOption()).addOption(outputOption());
  const organizations = program.command('organizations').description('who belongs where');
  looks(
    common(
      organizations
        .command('find')
        .description('organizations by a part of their name')
        .requiredOption('--name <text>', 'whatever its case'),
    ),
    find,
  );
  looks(common(organizations.command('show').description('its people and projects').argument('<organization>')), show);
  looks(
    common(
      program
        .command('projects')
        .description('where keys belong')
        .command('show')
        .description('its organization and people')
        .argument('<project>'),
    ),
    showProject,
  );
}
