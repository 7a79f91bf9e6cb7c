import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The databases of 0.1.0 after its first story, as tools/released/make.program.ts has kept them. */
export const RELEASED = 'tools/released/0.1.0';

/** What its people know. */
export interface ReleasedStory {
  readonly email: string;
  readonly password: string;
  readonly accountId: string;
  readonly projectId: string;
  readonly jobId: string;
  readonly laptop: { readonly id: string; readonly secret: string };
  readonly lost: { readonly id: string; readonly secret: string };
}

/** Schema and rows of a database, to be run one by one in an empty one. */
export const releasedStatements = (database: string): string[] =>
  readFileSync(join(RELEASED, `${database}.sql`), 'utf8').split(';\n\n');

export const releasedStory = (): ReleasedStory =>
  JSON.parse(readFileSync(join(RELEASED, 'story.json'), 'utf8')) as ReleasedStory;
