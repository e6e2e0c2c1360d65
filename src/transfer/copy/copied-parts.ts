import { S3RequestError } from '../../errors.js';
import type { CopySource } from '../../s3/copying.js';
import type { CopyEntry } from '../../source/bucket-source.js';
import type { Layout } from '../parts/layout.js';
import { ChangedWhileRead, type PartBytes } from '../parts/part-bytes.js';
import type { CopyDeps } from './copy-deps.js';
import { trustedParts } from './trusted-parts.js';

/** Where the server itself reads an object. */
export function copySource({ source, sourceOwner: owner }: CopyDeps, entry: CopyEntry): CopySource {
  const { sourceKey: key, versionId, etag } = entry;
  return { bucket: source.name, key, versionId, etag, owner };
}

/** Parts that the server copies by itself: none of their bytes come here. Each is bound to the source's ETag. */
export function copiedParts(deps: CopyDeps, entry: CopyEntry, layout: Layout): PartBytes {
  const source = copySource(deps, entry);
  return {
    memoryOf: () => 0,
    async send({ key, uploadId, headers }, { number, start, end }) {
      const began = performance.now();
      const range = layout.count === 1 ? {} : { range: { start, end } };
      const request = { key, uploadId, headers, number, source, ...range };
      const { etag, attempts } = await deps.dest.copyPart(request, deps.parts.signal).catch((error) => {
        throw error instanceof S3RequestError && error.status === 412 ? new ChangedWhileRead(entry.origin) : error;
      });
      const record = { number, size: end - start, etag, crc32: undefined, md5: undefined, verified: 'none' } as const;
      return { record, attempts, durationMs: performance.now() - began };
    },
    proven: async (listed) => trustedParts(entry, listed),
    selfEvident: false,
    etag: async () => undefined,
    unchanged: async () => true,
  };
}
