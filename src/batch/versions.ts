import { S3RequestError } from '../errors.js';
import { compareKeys } from '../model/key-order.js';
import { msg } from '../report/message.js';
import type { Run } from '../run/run.js';
import type { Bucket } from '../s3/bucket.js';
import type { ObjectVersion, VersionsMarker } from '../s3/object-versions.js';
import type { PlannedCopy } from '../transfer/copy/settle.js';
import type { Candidate } from './candidates.js';

/** What jobs have to know of the bucket of the source. */
export interface SourceFacts {
  /** Whether its objects have versions. */
  readonly versioned: boolean;
  /** S3's time, as a response has it; undefined where none was seen. */
  readonly date: string | undefined;
}

/** Where nothing is known: then a job is bound by the time of the listing. */
export const NO_FACTS: SourceFacts = { versioned: false, date: undefined };

/** Objects that are passed over at most. */
const MOST_LOOKS = 20;

/**
 * Looks at the bucket of the source by a HEAD of one object. Passes over objects that do not show it: those that are gone, and those that S3 refuses
 * (400) because a customer key encrypts them. Each of these fails later, by its key.
 */
export async function lookAtSource(
  { record, signal }: Pick<Run, 'record' | 'signal'>,
  source: Bucket,
  planned: Iterable<PlannedCopy>,
): Promise<SourceFacts> {
  let looks = 0;
  for (const { entry } of planned) {
    looks += 1;
    if (looks > MOST_LOOKS) break;
    record.countHead('versions of the source');
    const found = await source.headObject(entry.sourceKey, signal).catch((error: unknown) => {
      if (error instanceof S3RequestError && error.status === 400) return undefined;
      throw error;
    });
    if (found === undefined) continue;
    const { headers = {} } = found;
    return { versioned: headers['x-amz-version-id'] !== undefined, date: headers.date };
  }
  return NO_FACTS;
}

/**
 * Gives each object the version that was listed, by a listing of versions beside them: its ETag and size are those of the listing. An object keeps
 * none where no version has them, or the bucket has it from a time without versions. One whose version was named keeps it.
 * @param prefixes what the source's keys begin with, in key order and without overlap
 * @param candidates in key order
 */
export async function* withVersions(
  run: Pick<Run, 'record' | 'signal'>,
  source: Bucket,
  prefixes: readonly string[],
  candidates: Iterable<Candidate>,
): AsyncGenerator<Candidate, void> {
  const versions = listedVersions(run, source, prefixes)[Symbol.asyncIterator]();
  const next = async (): Promise<ObjectVersion | undefined> => {
    const { done, value } = await versions.next();
    return done === true ? undefined : value;
  };
  let version = await next();
  for (const candidate of candidates) {
    const { sourceKey, versionId: named, etag, size } = candidate.planned.entry;
    let found: ObjectVersion | undefined;
    for (; version !== undefined; version = await next()) {
      const order = compareKeys(version.key, sourceKey);
      if (order > 0) break;
      // The newest one is first: an older one with the same bytes may have other headers.
      if (order === 0 && version.etag === etag && version.size === size) found ??= version;
    }
    const versionId = named ?? (found?.versionId === 'null' ? undefined : found?.versionId);
    yield { ...candidate, versionId };
  }
}

async function* listedVersions(
  { record, signal }: Pick<Run, 'record' | 'signal'>,
  source: Bucket,
  prefixes: readonly string[],
): AsyncGenerator<ObjectVersion, void> {
  try {
    for (const prefix of prefixes) {
      let after: VersionsMarker | undefined;
      do {
        const page = await source.listVersions(prefix, after, signal);
        yield* page.versions;
        after = page.next;
      } while (after !== undefined);
    }
  } catch (error) {
    if (!(error instanceof S3RequestError) || error.status !== 403) throw error;
    record.warn(
      'versions-denied',
      msg`The versions of "${source.name}" cannot be listed (s3:ListBucketVersions): the jobs of {batchOperations} copy what is current, unless it has changed since it was listed.`,
    );
  }
}
