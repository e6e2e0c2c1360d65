import { S3RequestError } from '../../errors.js';
import { partsOf } from '../../model/etag.js';
import { evenLayout, type Layout, partSizeFor } from '../../model/part-layout.js';
import type { CopyMethod } from '../../plan/copy-method.js';
import type { CopySource, RemoteObject } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import { ChangedWhileRead, type PartBytes, type PartedObject } from '../multipart/types.js';
import { multipartUploader, type UploadResult, untilSettled } from '../multipart/upload.js';
import type { Result } from '../result.js';
import { appeared, type CopyContext, type CopyDecision, copied } from './context.js';
import { relayedParts } from './relay.js';
import { headPart, partsProvenByDate, sourceExtras, sourceHead, sourceLayout, whyHead } from './source.js';

const MIB = 1024 * 1024;
/** Bytes that ranges begin with which the server copies: they cost this machine nothing, and few requests are enough. */
const COPIED_FLOOR = 64 * MIB;
/** Larger parts of a source are not relayed as they are, since each is held in memory. */
const RELAYED_MOST = 128 * MIB;

export type PartsCopier = (entry: CopyEntry, decision: CopyDecision, way: CopyMethod) => Promise<Result>;

/** Copies objects by ranges, into one upload each: what an earlier run has left is gone on with, and no other object is ever made. */
export function partsCopier(deps: CopyContext): PartsCopier {
  const { parts, headers } = deps;
  const carryOut = multipartUploader(parts);

  return (entry, decision, way) =>
    parts.inTurn(async (age) => {
      const meter = parts.meter();
      try {
        // One HEAD tells the headers and where the first part ends.
        const first = way.layout === 'source' && partsOf(entry.etag) !== 1 ? await headPart(deps, entry, 1) : undefined;
        const head = first ?? (await sourceHead(deps, entry, whyHead(entry, way, headers) ?? ''));
        const extras = await sourceExtras(deps, entry, head.headers);
        const carried = await untilSettled(async (tries) => {
          // What the source's ETag was made of cannot be known where a key encrypts it. Else bytes that came through here have to make it.
          const untold = head.kms === true || (way.relayed ? !deps.source.facts().etagIsMd5 : tries > 1);
          const object = await objectOf({ entry, way, age, tries, untold, first, source: head.headers, ...extras });
          return carryOut(object, { onlyIfAbsent: decision.onlyIfAbsent, fresh: tries > 0, meter });
        });
        // What makes the right parts another ETag is a key of the destination.
        if (way.layout === 'source' && carried.end === 'done' && carried.etag !== entry.etag)
          deps.learned.destKms = true;
        return resultOf(entry, decision, way, carried);
      } finally {
        meter.end();
      }
    });

  async function objectOf(of: Wanted): Promise<PartedObject> {
    const { entry, way, age, tries, untold, first, source, tags, grants } = of;
    const { key, origin, sourceKey, versionId, etag, storageClass } = entry;
    const asSource = way.layout === 'source' ? await likeSource(entry, way, tries > 0, first) : undefined;
    const layout = asSource ?? ownLayout(entry, way);
    const sameEtag = asSource !== undefined && !untold;
    const copiedFrom = sameEtag && !deps.learned.destKms ? undefined : etag;
    const bytes = way.relayed ? relayedParts(deps, entry) : copiedParts(deps, entry, layout);
    return {
      key,
      origin,
      age,
      layout,
      bytes,
      headers: headers.ofNew({ key, storageClass, source, tags, grants, copiedFrom }),
      identity: { ':source': JSON.stringify([deps.source.name, sourceKey, versionId ?? '', etag ?? '', layout.count]) },
      checksummed: way.relayed,
      ...(sameEtag && { etag }),
    };
  }

  async function likeSource(
    entry: CopyEntry,
    { relayed }: CopyMethod,
    exact: boolean,
    first: RemoteObject | undefined,
  ): Promise<Layout | undefined> {
    const layout = await sourceLayout(deps, entry, exact, first);
    if (layout === undefined || !relayed) return layout;
    for (let number = 1; number <= layout.count; number++) {
      const { start, end } = layout.range(number);
      if (end - start > RELAYED_MOST) return undefined;
    }
    return layout;
  }

  function ownLayout({ size }: CopyEntry, { relayed }: CopyMethod): Layout {
    const floor = relayed ? parts.sizing.floor : (parts.sizing.floor ?? COPIED_FLOOR);
    return evenLayout(size, partSizeFor(size, { partSize: deps.partSize, floor }));
  }
}

interface Wanted {
  readonly entry: CopyEntry;
  readonly way: CopyMethod;
  readonly age: number;
  readonly tries: number;
  /** Whatever the parts are, the ETag that they make does not have to be the source's. */
  readonly untold: boolean;
  /** A HEAD of its first part. */
  readonly first: RemoteObject | undefined;
  readonly source: Readonly<Record<string, string | undefined>> | undefined;
  readonly tags?: Readonly<Record<string, string>>;
  readonly grants?: Readonly<Record<string, string>>;
}

function resultOf(
  entry: CopyEntry,
  decision: CopyDecision,
  way: CopyMethod,
  carried: Exclude<UploadResult, { readonly end: 'anew' }>,
): Result {
  if (carried.end === 'appeared') return appeared(entry, carried.attempts);
  const same = entry.etag !== undefined && carried.etag === entry.etag;
  return copied(entry, decision, way, { ...carried, verified: same ? 'md5' : carried.verified });
}

/** Where the server itself reads an object. */
export function copySource({ source, sourceOwner: owner }: CopyContext, entry: CopyEntry): CopySource {
  const { sourceKey: key, versionId, etag } = entry;
  return { bucket: source.name, key, versionId, etag, owner };
}

/** Parts that the server copies by itself: none of their bytes come here. Each is bound to the source's ETag. */
export function copiedParts(deps: CopyContext, entry: CopyEntry, layout: Layout): PartBytes {
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
    proven: async (listed) => partsProvenByDate(entry, listed),
    selfEvident: false,
    etag: async () => undefined,
    unchanged: async () => true,
  };
}
