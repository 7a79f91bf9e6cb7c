import { type ServiceContext, migrate, type ServiceDefinition, ServiceModule, stepsIn } from '#platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { jobQueueConfig, type JobQueueConfig } from './config.ts';
import { job } from './job/job.decider.ts';
import { Executing } from './execution/executing.service.ts';
import { JobQueueInbox } from './inbox.ts';
import { JobBodies } from './job/job-bodies.ts';
import { JobCountsController } from './job/job-counts.controller.ts';
import { JobSignals } from './job/job-signals.ts';
import { JobsController } from './job/jobs.controller.ts';
import { jobs } from './job/jobs.projection.ts';
import { publish } from './outbox.ts';
import { projectNames } from './project-names/project-names.projection.ts';

const readModels = { projections: [], inline: [jobs], foreign: [projectNames] };

@Module({})
export class JobQueueModule {
  static register(floor: ServiceContext<JobQueueConfig>): DynamicModule {
    return {
      module: JobQueueModule,
      imports: [
        ServiceModule.register(floor, {
          service: 'job-queue',
          definedIn: import.meta.url,
          deciders: [job],
          ...readModels,
          publish,
          inbox: JobQueueInbox,
        }),
      ],
      controllers: [JobsController, JobCountsController],
      providers: [Executing, { provide: JobSignals, useExisting: Executing }, JobBodies],
    };
  }
}

/** Job-queue, as a process or an installation starts it. */
export const jobQueue: ServiceDefinition<JobQueueConfig> = {
  name: 'job-queue',
  config: jobQueueConfig,
  migrate: (config) => migrate(config.ownerDatabaseUrl, stepsIn('apps/job-queue/migrations'), config.databaseUrl),
  module: (floor) => JobQueueModule.register(floor),
  readModels,
  publish,
};
