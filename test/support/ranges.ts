import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { FaultHandle, S3Server } from 'fake-s3';
import type { RangeSize } from '../../src/fleet/range-job.js';
import type { FleetInternals } from '../../src/fleet.js';
import { type FleetMember, QUICK, startWorker } from './fleet.js';
import { noise, PART } from './parts.js';
import type { TestRedis } from './redis.js';
import { until } from './until.js';

/** Objects of more than 8 parts are sent by several workers, 4 parts at a time. */
export const SIZE: RangeSize = { above: 8 * PART, bytes: 4 * PART, least: 2 };
export const QUICK_RANGES: FleetInternals = { ...QUICK, rangesAbove: SIZE.above };
/** 41 parts, in 11 ranges. */
export const BIG: Buffer = noise(40 * PART + 17);
/** Buckets that take small parts. */
export const BUCKETS = { site: { minPartSize: 1024 }, from: { minPartSize: 1024 } };

/** A worker that can be told from others by its requests. */
export interface NamedWorker extends FleetMember {
  readonly name: string;
}

/** Of workers that are not killed: on a machine that is busy a short lock is lost, and a range is sent once more. */
export const LONG_LOCKS = { times: { lockMs: 60_000, stalledMs: 30_000 } } as const;

/** Starts a worker with credentials of its own, and small ranges. */
export function startNamed(
  t: TestContext,
  redis: TestRedis,
  server: S3Server,
  name: string,
  options: Parameters<typeof startWorker>[3] = {},
): NamedWorker {
  const credentials = { accessKeyId: name, secretAccessKey: `${name}-secret` };
  server.addCredentials(credentials);
  const internals = { partFloor: PART, threshold: 5 * PART };
  const own = { credentials, ...options.own };
  // A worker on a busy machine is not taken for lost.
  const times = { lockMs: 3_000, ...options.times };
  return { ...startWorker(t, redis, server, { rangeSize: SIZE, internals, ...options, own, times }), name };
}

/** The names of the workers that have sent a request of this verb; of parts without the mark of the upload. */
export function sendersOf(server: S3Server, verb: string): string[] {
  const own = server.requests.filter((one) => one.verb === verb && one.query.partNumber !== '10000');
  const names = own.map(({ headers }) => /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '');
  return [...new Set(names)].sort();
}

/** Holds all parts but the mark, which comes first. @param on which connections */
export function holdParts(
  server: S3Server,
  verb: 'UploadPart' | 'UploadPartCopy' = 'UploadPart',
  on: (connection: number) => boolean = () => true,
): FaultHandle {
  const occurrences = verb === 'UploadPart' ? Array.from({ length: 400 }, (_, at) => at + 2) : 'all';
  return server.fault({ type: 'hold', verb, occurrences, onConnection: on });
}

/** Waits until each of these workers sends parts. */
export async function allSend(server: S3Server, workers: readonly NamedWorker[], verb = 'UploadPart'): Promise<void> {
  const names = workers.map(({ name }) => name).sort();
  await until(() => sendersOf(server, verb).join() === names.join());
}

/** The worker that has opened the upload, and the others. */
export function leaderOf<T extends NamedWorker>(
  server: S3Server,
  workers: readonly T[],
): { readonly leader: T; readonly others: readonly T[] } {
  const [name] = sendersOf(server, 'CreateMultipartUpload');
  const leader = workers.find((worker) => worker.name === name);
  assert.ok(leader !== undefined);
  return { leader, others: workers.filter((worker) => worker !== leader) };
}

/** Nothing of a run is left in Redis, once its workers have ended what they had, and nothing unfinished in the bucket. */
export async function assertClean(server: S3Server, redis: TestRedis): Promise<void> {
  await until(async () => (await redis.client.keys('s3pp:batches:run*')).length === 0);
  assert.deepEqual(server.uploads('site'), []);
}
