import type { MultipartFacts } from './bucket.js';
import { isDirectoryBucket, type ProfileFinder } from './endpoint-profile.js';
import type { Integrity } from './integrity.js';

/** What the engine decides by, of the server and of how requests are checked. */
export function serverFacts(bucket: string, { current }: ProfileFinder, { crc32 }: Integrity): MultipartFacts {
  const { orderedListing, unlistedParts, equalParts, annotations, uploadsByPrefix, etagIsMd5, keepsFiles } = current;
  const { redirects, conditionalCopies, conditionalOverwrites, conditionalDeletes } = current;
  return {
    orderedListing,
    unlistedParts,
    equalParts,
    annotations,
    uploadsByPrefix,
    etagIsMd5,
    conditionalCopies,
    conditionalOverwrites,
    conditionalDeletes,
    // Directory buckets have none, whatever S3 has.
    tags: isDirectoryBucket(bucket) ? false : current.tags,
    keepsFiles,
    redirects,
    crc32,
  };
}
