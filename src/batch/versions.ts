import { S3RequestError } from '../errors.js';
import { msg } from '../report/message.js';
import type { Run } from '../run/run.js';
import type { Bucket } from '../s3/bucket.js';
import type { VersionsMarker } from '../s3/object-versions.js';

/** An object whose version is sought. */
export interface Versioned {
  readonly sourceKey: string;
  readonly etag: string | undefined;
  readonly size: number;
  versionId: string | undefined;
}

/**
 * Gives each object the version that was listed, by a listing of versions: its ETag and size are those of the listing. An object keeps none where no
 * version has them, or the bucket has it from a time without versions.
 * @param prefixes what the keys of the objects begin with
 */
export async function findVersions(
  { record, signal }: Pick<Run, 'record' | 'signal'>,
  source: Bucket,
  prefixes: readonly string[],
  objects: ReadonlyMap<string, Versioned>,
): Promise<void> {
  const decided = new Set<Versioned>();
  try {
    for (const prefix of prefixes) {
      let after: VersionsMarker | undefined;
      do {
        const page = await source.listVersions(prefix, after, signal);
        for (const { key, versionId, etag, size } of page.versions) {
          const object = objects.get(key);
          if (object === undefined || decided.has(object) || object.etag !== etag || object.size !== size) continue;
          // The newest one is first: an older one with the same bytes may have other headers.
          decided.add(object);
          if (versionId !== 'null') object.versionId = versionId;
        }
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
