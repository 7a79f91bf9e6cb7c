import { BodyReader } from '#platform';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { WrittenJob } from './job-contents.ts';
import { read, type Refusal } from './job-reader.ts';

const READER = new URL(import.meta.url.endsWith('.ts') ? './job-reader.ts' : './job-reader.js', import.meta.url).href;

/** Bodies of POST /v0.4/jobs. Up to 32 KB they take a few milliseconds; longer ones delay only each other. */
@Injectable()
export class JobBodies extends BodyReader<WrittenJob | Refusal> implements BeforeApplicationShutdown {
  constructor() {
    super({
      definedIn: READER,
      read,
      limits: { depthMax: 64, valuesMax: 1_000_000, mayDouble: ['metadata', 'settings'] },
      inPlaceBytesMax: 32_768,
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.close();
  }
}
