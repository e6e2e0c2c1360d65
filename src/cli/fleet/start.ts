import { randomBytes } from 'node:crypto';
import type { ConfigLayer, Environment } from '../../config/layers.js';
import { UsageError } from '../../errors.js';
import { checkQueueUrl, checkRunName, copyByFleet, putByFleet, type QueueOptions, queueLabel } from '../../fleet.js';
import type { CopyOptions, PutOptions } from '../../options/types.js';
import type { PreparedPut } from '../../prepare-put.js';
import { msg } from '../../report/message.js';
import type { OnEvent } from '../../report/types.js';
import type { Job } from '../../run/job.js';
import type { OutputOptions } from '../output/lines.js';

/** Starts a put or a copy that workers do. */
export interface Fleet {
  put(prepared: PreparedPut, given: PutOptions, onEvent: OnEvent): Job;
  copy(prepared: Parameters<typeof copyByFleet>[0], given: CopyOptions, onEvent: OnEvent): Job;
}

/** Reads the queue and the name of the run, and says both once the run starts. Throws `UsageError`. */
export function fleetFor(settings: ConfigLayer, { quiet }: OutputOptions): Fleet {
  const { value: url } = settings.get('queue') ?? {};
  if (typeof url !== 'string')
    throw new UsageError(
      msg`{queueRun} names a run in a queue, but there is no {queue}.`,
      msg`Add {queue}, or leave {queueRun} out.`,
    );
  checkQueueUrl(url);
  const named = settings.get('queueRun')?.value;
  const queue: QueueOptions = {
    queue: url,
    queueRun: checkRunName(typeof named === 'string' ? named : newName()),
    endpointUrl: endpointIn(process.env),
  };
  const line = `the run "${queue.queueRun}" is in the queue ${queueLabel(url)}; --queue-run ${queue.queueRun} takes it up again.`;
  // Not before it is known that workers can do it.
  const said = (job: Job): Job => {
    if (!quiet) process.stderr.write(`s3-parallel-put: ${line}\n`);
    return job;
  };
  return {
    put: (prepared, given, onEvent) => said(putByFleet(prepared, given, queue, onEvent)),
    copy: (prepared, given, onEvent) => said(copyByFleet(prepared, given, queue, onEvent)),
  };
}

/** The address that the SDK would take from the environment. @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
function endpointIn(env: Environment): string | undefined {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined;
  return [env.AWS_ENDPOINT_URL_S3, env.AWS_ENDPOINT_URL].find((one) => (one ?? '') !== '');
}

/** By the time, so that names of runs sort, and by chance, so that two of one second differ. */
function newName(): string {
  const time = new Date()
    .toISOString()
    .replaceAll(/[-:]|\..*$/g, '')
    .replace('T', '.');
  return `${time}.${randomBytes(3).toString('hex')}`;
}
