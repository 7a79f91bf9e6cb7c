/** A rebuild as a process of its own, so that it can be killed: `node killed.program.ts <owner's database> <follower|inline>`. Prints each phase that it comes to. */
import { LogSource, rebuild } from '#event-sourcing';
import { shelves } from './shelf.fixture.ts';

const [, , ownerDatabaseUrl = '', kind = 'inline'] = process.argv;
let last = '';
await rebuild(
  {
    ownerDatabaseUrl,
    sources: [new LogSource(shelves, kind === 'follower' ? 'follower' : 'inline')],
    who: 'a process that will be killed',
    progress: ({ phase, done }) => {
      const said = `${phase} ${Math.floor(done / 5_000)}`;
      if (said !== last) console.log(said);
      last = said;
    },
  },
  'shelves',
);
console.log('done');
