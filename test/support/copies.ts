import type { TestContext } from 'node:test';
import type { Endpoint, RecordedRequest, S3Mode, S3Server, S3ServerOptions, SeedOptions, Verb } from 'fake-s3';
import type { CopyOptions } from '../../src/index.js';
import type { PutInternals } from '../../src/open-put.js';
import { connection, type Ran, runCopy, serverFor } from './engine.js';
import { SMALL_PARTS } from './parts.js';

export const KIB = 1024;
/** When seeded objects were last changed: parts that are sent now cannot be older. */
export const LONG_AGO: Date = new Date(Date.now() - 3_600_000);

interface Modes extends Omit<S3ServerOptions, 'buckets'> {
  readonly from?: Partial<S3Mode>;
  readonly site?: Partial<S3Mode>;
}

/** A server with the buckets `from` and `site`, which take small parts. */
export function copyServer(t: TestContext, { from, site, ...options }: Modes = {}): Promise<S3Server> {
  const small = { minPartSize: KIB };
  return serverFor(t, { ...options, buckets: { from: { ...small, ...from }, site: { ...small, ...site } } });
}

export interface Pair {
  readonly source: S3Server;
  readonly dest: S3Server;
  readonly options: Partial<CopyOptions>;
}

/** Two servers, and how a copy from one to the other reaches the first. */
export async function twoServers(t: TestContext): Promise<Pair> {
  const [source, dest] = [await copyServer(t), await copyServer(t)];
  const { endpointUrl, credentials } = connection(source);
  const options = { sourceEndpointUrl: endpointUrl, sourceCredentials: credentials };
  return { source, dest, options: options as Partial<CopyOptions> };
}

/** Puts an object into `from` that was last changed long ago. */
export function seed(server: S3Server, key: string, body: Buffer | string, options: SeedOptions = {}): void {
  server.seed('from', key, body, { lastModified: LONG_AGO, ...options });
}

/** Runs a copy by one request at a time, with ranges of `PART` where the tool chooses. */
export function runInOrder(
  server: Endpoint,
  options: Partial<CopyOptions> = {},
  internals: PutInternals = SMALL_PARTS,
): Promise<Ran> {
  return runCopy(server, { concurrency: 1, ...options }, internals);
}

export function requestsOf(server: S3Server, verb: Verb): RecordedRequest[] {
  return server.requests.filter((request) => request.verb === verb);
}

/** How many requests of each verb the server received, without those of none, and without those that look for annotations. */
export function verbs(server: S3Server): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verb } of server.requests) if (verb !== 'ListObjectAnnotations') counts[verb] = (counts[verb] ?? 0) + 1;
  return counts;
}

/** The ranges of UploadPartCopy by their part numbers, in order. */
export function rangesCopied(server: S3Server): (readonly [number, string | undefined])[] {
  return requestsOf(server, 'UploadPartCopy')
    .map(({ query, headers }) => [Number(query.partNumber), headers['x-amz-copy-source-range']] as const)
    .sort(([a], [b]) => a - b);
}
