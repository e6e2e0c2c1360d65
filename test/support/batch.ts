import type { TestContext } from 'node:test';
import type { S3Server } from 'fake-s3';
import type { CopyOptions } from '../../src/index.js';
import { copyServer, KIB } from './copies.js';
import { IMPATIENT, type Ran, runCopy } from './engine.js';
import { type FakeS3Control, type FakeS3ControlOptions, ROLE, s3ControlFor } from './fake-s3-control.js';

export interface BatchWorld {
  readonly server: S3Server;
  readonly control: FakeS3Control;
  readonly copy: (options?: Partial<CopyOptions>) => Promise<Ran>;
}

/** Buckets `from`, `site` and `logs`, S3 Control beside them, and a copy by jobs from the first to the second. */
export async function batchWorld(
  t: TestContext,
  options: FakeS3ControlOptions = {},
  modes: Parameters<typeof copyServer>[1] = {},
): Promise<BatchWorld> {
  const server = await copyServer(t, modes);
  server.createBucket('logs');
  const control = await s3ControlFor(t, server, options);
  const batch = { batchOperations: true, batchRole: ROLE, batchReports: 's3://logs/copies' } as const;
  return {
    server,
    control,
    copy: (more = {}) =>
      runCopy(server, { ...batch, ...more }, { ...IMPATIENT, partFloor: KIB, batch: { leastInJob: 2 } }),
  };
}
