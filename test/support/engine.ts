import type { TestContext } from 'node:test';
import { type Endpoint, type S3Server, type S3ServerOptions, startS3Server } from 'fake-s3';
import { startCopy } from '../../src/copy.js';
import { startDelete } from '../../src/delete.js';
import type {
  CopyOptions,
  DeleteObjectsOptions,
  FinishOptions,
  Job,
  OnEvent,
  Outcome,
  PutOptions,
  Report,
  RunEvent,
} from '../../src/index.js';
import type { PutInternals } from '../../src/open-put.js';
import { startFinish, startPut } from '../../src/put.js';
import { builtSender } from './sender.js';

/** A server with the bucket `site`, which ends with the test. */
export async function serverFor(t: TestContext, options: S3ServerOptions = {}): Promise<S3Server> {
  const server = await startS3Server({ buckets: ['site'], ...options });
  t.after(() => server.close());
  return server;
}

/** The outcomes, events and report of one run. */
export interface Ran {
  readonly outcomes: readonly Outcome[];
  readonly events: readonly RunEvent[];
  /** Of the report, or of the error's report. */
  readonly report: Report;
  /** What the job rejected with. */
  readonly error: (Error & { readonly report?: Report; readonly code?: string; readonly hint?: string }) | undefined;
  /** Keys by action, in order. */
  readonly keys: (action: Outcome['action']) => string[];
  readonly reasonOf: (key: string) => string | undefined;
}

/** Options to connect to a server. */
export function connection(server: Endpoint): Pick<PutOptions, 'endpointUrl' | 'region' | 'credentials'> {
  const { accessKeyId, secretAccessKey } = server;
  return { endpointUrl: server.url, region: server.region, credentials: { accessKeyId, secretAccessKey } };
}

/** The lane that sends requests: ours, or the SDK's with `TEST_LANE=sdk`. Every test of the engine must pass on both. */
const lane = process.env.TEST_LANE === 'sdk' ? { lane: 'sdk' as const } : {};
/** The HTTP client: ours, or undici with `TEST_HTTP=undici`. */
const client = process.env.TEST_HTTP === 'undici' ? { httpClient: 'undici' as const } : {};

/** How many threads put: one, or those of `TEST_THREADS=2`, which then send every body that they may. */
const threads = Number(process.env.TEST_THREADS ?? 1);
const onThreads = threads > 1 ? { smallestOnThread: 1, senderUrl: builtSender() } : {};

/** A clock that jumps to the next timer. */
let jumped = 0;

/** Retries and send rates do not wait. Timeouts stay as they are: on a busy machine a short one finds faults where there are none. */
export const IMPATIENT: PutInternals = {
  clock: {
    now: () => performance.now(),
    random: () => 0,
    sleep: async (_ms, signal) => signal.throwIfAborted(),
  },
  limiterClock: {
    now: () => jumped,
    after(ms, call) {
      const timer = setImmediate(() => {
        jumped += ms;
        call();
      });
      return () => clearImmediate(timer);
    },
  },
};

/** Runs a put into the bucket `site` of a server to its end, iterating and awaiting. */
export async function run(
  server: Endpoint,
  options: Partial<PutOptions> & Pick<PutOptions, 'source'>,
  internals: PutInternals = IMPATIENT,
): Promise<Ran> {
  return follow((onEvent) =>
    startPut(
      { bucket: 'site', ...client, threads, ...connection(server), onEvent, ...options },
      { ...lane, ...onThreads, ...internals },
    ),
  );
}

/** Finishes the shards of a put into the bucket `site` of a server. */
export async function runFinish(
  server: Endpoint,
  options: Partial<FinishOptions> & Pick<FinishOptions, 'source' | 'reports' | 'shards'>,
  internals: PutInternals = IMPATIENT,
): Promise<Ran> {
  return follow((onEvent) =>
    startFinish(
      { bucket: 'site', ...client, threads, ...connection(server), onEvent, ...options },
      { ...lane, ...onThreads, ...internals },
    ),
  );
}

/** Runs a copy within a server to its end, by default from the bucket `from` to the bucket `site`. */
export async function runCopy(
  server: Endpoint,
  options: Partial<CopyOptions> = {},
  internals: PutInternals = IMPATIENT,
): Promise<Ran> {
  const buckets = { source: 's3://from', destination: 's3://site' };
  return follow((onEvent) =>
    startCopy({ ...buckets, ...client, ...connection(server), onEvent, ...options }, { ...lane, ...internals }),
  );
}

/** Runs a deletion on a server to its end. */
export async function runDeleteObjects(server: Endpoint, options: DeleteObjectsOptions): Promise<Ran> {
  return follow((onEvent) =>
    startDelete({ ...client, ...connection(server), onEvent, ...options }, { ...lane, ...IMPATIENT }),
  );
}

/** Follows a job to its end. */
export async function follow(
  start: (onEvent: OnEvent) => Job,
  onOutcome: (outcome: Outcome) => void = () => {},
): Promise<Ran> {
  const outcomes: Outcome[] = [];
  const events: RunEvent[] = [];
  const job = start((event) => events.push(event));
  let error: Ran['error'];
  let report: Report | undefined;
  try {
    for await (const outcome of job) {
      outcomes.push(outcome);
      onOutcome(outcome);
    }
    report = await job;
  } catch (thrown) {
    error = thrown as NonNullable<Ran['error']>;
    report = error.report;
  }
  return {
    outcomes,
    events,
    report: report as Report,
    error,
    keys: (action) =>
      outcomes
        .filter((outcome) => outcome.action === action)
        .map(({ key }) => key)
        .sort(),
    reasonOf: (key) => outcomes.find((outcome) => outcome.key === key)?.reason,
  };
}
