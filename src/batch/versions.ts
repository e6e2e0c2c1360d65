import { S3RequestError } from '../errors.js';
import { compareKeys } from '../model/key-order.js';
import { msg } from '../report/message.js';
import type { Run } from '../run/run.js';
import type { Bucket } from '../s3/bucket.js';
import type { ObjectVersion, VersionsMarker } from '../s3/object-versions.js';
import type { Candidate } from './candidates.js';

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
