import type { jobQueue } from '#contracts';
import { CallableBy, Clock, type Controller } from '#platform';
import { Controller as NestController } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { Pool } from 'pg';

export type JobCounts = Pick<Controller<jobQueue.Jobs>, 'countJobs'>;

/** What lists of projects say of jobs. */
@NestController()
export class JobCountsController implements JobCounts {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
  ) {}

  @GrpcMethod('Jobs')
  @CallableBy('gateway')
  async countJobs({ projectIds, days }: jobQueue.CountJobsRequest): Promise<jobQueue.CountJobsResponse> {
    const { rows } = await this.pool.query<jobQueue.JobCount>(
      `SELECT project_id AS "projectId", count(*)::int AS jobs FROM jobs
        WHERE project_id = ANY($1::uuid[]) AND submitted_at > $2::timestamptz - $3::int * interval '1 day' GROUP BY project_id`,
      [projectIds, this.clock.now(), days],
    );
    return { counts: rows };
  }
}
