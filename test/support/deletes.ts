import type { Endpoint } from 'fake-s3';
import type { Outcome, PutOptions, RunEvent } from '../../src/index.js';
import { connectionOf } from '../../src/options/connection.js';
import { type Phase, startPhases } from '../../src/run/run.js';
import { type Lane, openBucketOfRun } from '../../src/s3/open.js';
import { deleteKeys, type KeyToDelete } from '../../src/transfer/delete.js';
import { connection, follow, IMPATIENT, type Ran } from './engine.js';

export interface DeleteRunOptions extends Pick<PutOptions, 'checksum' | 'concurrency' | 'failFast' | 'signal'> {
  readonly dryRun?: boolean;
  readonly lane?: Lane;
  readonly bucket?: string;
  readonly maxAttempts?: number;
  readonly onOutcome?: (outcome: Outcome) => void;
  readonly onEvent?: (event: RunEvent) => void;
}

const REASON = 'not in the source';

/** Deletes keys of the bucket `site` of a server, in a run of its own. Lists it first, so that the server is known. */
export async function runDelete(
  server: Endpoint,
  keys: Iterable<KeyToDelete> | AsyncIterable<KeyToDelete>,
  options: DeleteRunOptions = {},
): Promise<Ran> {
  const { dryRun = false, lane, bucket: name = 'site', maxAttempts, checksum, concurrency = 'auto', signal } = options;
  const deletes: Phase = {
    name: 'deletes',
    async work(run) {
      const connected = connectionOf({ ...connection(server), ...(checksum !== undefined && { checksum }) });
      const lanes = lane ?? (process.env.TEST_LANE === 'sdk' ? 'sdk' : 'wire');
      const bucket = await openBucketOfRun(run, name, connected, { ...IMPATIENT, maxAttempts, lane: lanes });
      if (!dryRun) await bucket.listObjects({ prefix: '' }, run.signal);
      return deleteKeys(run, { bucket, dryRun, reason: REASON }, keys);
    },
  };
  const memory = 1024 * 1024;
  const { limiterClock } = IMPATIENT;
  const failFast = options.failFast === true;
  return follow((record) => {
    const onEvent = (event: RunEvent): void => {
      record(event);
      options.onEvent?.(event);
    };
    return startPhases({ concurrency, dryRun, memory, failFast, onEvent, signal, limiterClock }, [deletes]);
  }, options.onOutcome);
}
