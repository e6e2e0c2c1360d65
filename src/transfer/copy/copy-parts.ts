import { S3RequestError } from '../../errors.js';
import { partCountOf } from '../../model/etag.js';
import { evenLayout, isEven, type Layout, partSizeFor } from '../../model/part-layout.js';
import type { HeaderMap } from '../../options/types.js';
import { type CopyMethod, inOwnRanges } from '../../plan/copy-method.js';
import type { CopySource, RemoteObject } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import { ChangedWhileRead, type PartBytes, type PartedObject } from '../multipart/types.js';
import { multipartUploader, type UploadResult, untilSettled } from '../multipart/upload.js';
import { appeared, type PutDecision, type Result } from '../result.js';
import { type CopyContext, type CopyEnds, copied } from './context.js';
import { checkRestored, checkTier } from './refusals.js';
import { relayedParts } from './relay.js';
import { headPart, partsProvenByDate, sourceExtras, sourceHead, sourceLayout, whyHead } from './source.js';

const MIB = 1024 * 1024;
/** Smallest size of ranges that the server copies: they cost this machine nothing, so large ranges save requests. */
const COPIED_FLOOR = 64 * MIB;
/** Larger parts of a source are not relayed in the source's layout, because each is held in memory. */
const RELAYED_MOST = 128 * MIB;

export type PartsCopier = (entry: CopyEntry, decision: PutDecision, method: CopyMethod) => Promise<Result>;

/** Copies objects by ranges, into one upload each. Resumes what an earlier run has left, and never makes another object than the source's. */
export function partsCopier(context: CopyContext): PartsCopier {
  const { parts, headers, splitAbove } = context;
  const upload = multipartUploader(parts);
  /** Parts with the bytes of the source's have got another ETag, so this server's ETags, or the other's, are not made of MD5s. */
  let oddEtags = false;
  /** The destination has refused parts of different sizes. */
  let unevenRefused = false;
  const needsEqual = () => unevenRefused || parts.bucket.facts().equalParts;

  return (entry, decision, method) =>
    parts.inTurn(async (age) => {
      const meter = parts.meter();
      let own = false;
      let sameEtag = false;
      let sent: HeaderMap = {};
      try {
        await checkRestored(context, entry);
        // One HEAD shows the headers and where the first part ends.
        const first =
          method.layout === 'source' && partCountOf(entry.etag) !== 1 ? await headPart(context, entry, 1) : undefined;
        const head = first ?? (await sourceHead(context, entry, whyHead(entry, method, headers) ?? ''));
        checkTier(context, entry, head);
        const extras = await sourceExtras(context, entry, head.headers);
        const result = await untilSettled(async (tries) => {
          // Under KMS the source's ETag is not made of its bytes. Otherwise the relayed bytes must make the same ETag, where the source's ETags are
          // known to be made of MD5s; where they are not known, most are, and the parts show it.
          const etagUnproven = method.relayed && !context.source.facts().etagIsMd5;
          const anyEtag = head.kms === true || (etagUnproven ? oddEtags || tries > 0 : !method.relayed && tries > 1);
          const facts = { entry, method, age, tries, anyEtag, first, source: head.headers, ...extras };
          const object = { ...(await objectOf(facts)), etagUnproven };
          own = !object.asSource;
          sameEtag = object.etag !== undefined;
          sent = object.headers;
          const made = await upload(object, { condition: decision, fresh: tries > 0, meter });
          if (made.end !== 'anew') return made;
          if (etagUnproven && sameEtag && made.error.code === 'ETagMismatch') oddEtags = true;
          if (made.uneven !== true) return made;
          if (unevenRefused && isEven(object.layout)) throw made.error;
          unevenRefused = true;
          return made;
        });
        // Right parts get another ETag only from a KMS key of the destination.
        if (sameEtag && result.end === 'done' && result.etag !== entry.etag) context.kms.dest = true;
        return resultOf(entry, decision, own ? inOwnRanges(method, entry) : method, result, sent);
      } finally {
        meter.end();
      }
    });

  async function objectOf(of: CopyInParts): Promise<PartedObject & { readonly asSource: boolean }> {
    const { entry, method, age, tries, anyEtag, first, source, tags, grants } = of;
    const { key, origin, sourceKey, versionId, etag, storageClass } = entry;
    const asSource = method.layout === 'source' ? await likeSource(entry, method, tries > 0, first) : undefined;
    const layout = asSource ?? ownLayout(entry, method);
    const sameEtag = asSource !== undefined && !anyEtag;
    const copiedFrom = sameEtag && !context.kms.dest ? undefined : etag;
    const bytes = method.relayed ? relayedParts(context, entry) : copiedParts(context, entry, layout);
    return {
      key,
      origin,
      age,
      layout,
      bytes,
      headers: headers.ofNew({ key, storageClass, source, tags, grants, copiedFrom }),
      identity: {
        ':source': JSON.stringify([context.source.name, sourceKey, versionId ?? '', etag ?? '', layout.count]),
      },
      checksummed: method.relayed,
      asSource: asSource !== undefined,
      ...(sameEtag && { etag }),
    };
  }

  async function likeSource(
    entry: CopyEntry,
    { relayed }: CopyMethod,
    exact: boolean,
    first: RemoteObject | undefined,
  ): Promise<Layout | undefined> {
    const equal = needsEqual();
    const layout = await sourceLayout(context, entry, equal ? 'equal' : exact ? 'exact' : 'likely', first);
    if (layout === undefined || (equal && !isEven(layout))) return undefined;
    if (!relayed) return layout;
    for (let number = 1; number <= layout.count; number++) {
      const { start, end } = layout.range(number);
      if (end - start > RELAYED_MOST) return undefined;
    }
    return layout;
  }

  function ownLayout({ size }: CopyEntry, { relayed }: CopyMethod): Layout {
    if (relayed) return evenLayout(size, partSizeFor(size, { ...parts.sizing, partSize: context.partSize }));
    // One range would cost more than one request for the whole, and another ETag.
    const most = size > (splitAbove ?? size) ? (splitAbove ?? size) : Number.POSITIVE_INFINITY;
    const floor = Math.min(parts.sizing.floor ?? COPIED_FLOOR, most);
    const partSize = context.partSize === undefined ? undefined : Math.min(context.partSize, most);
    return evenLayout(size, partSizeFor(size, { partSize, floor }));
  }
}

interface CopyInParts {
  readonly entry: CopyEntry;
  readonly method: CopyMethod;
  readonly age: number;
  readonly tries: number;
  /** The ETag that the parts make may differ from the source's. */
  readonly anyEtag: boolean;
  /** HEAD of its first part. */
  readonly first: RemoteObject | undefined;
  readonly source: Readonly<Record<string, string | undefined>> | undefined;
  readonly tags?: Readonly<Record<string, string>>;
  readonly grants?: Readonly<Record<string, string>>;
}

function resultOf(
  entry: CopyEntry,
  decision: PutDecision,
  method: CopyMethod,
  result: Exclude<UploadResult, { readonly end: 'anew' }>,
  headers: HeaderMap,
): Result {
  if (result.end === 'appeared') return appeared(entry.size, result.attempts);
  if (result.end === 'unneeded') return result.result;
  const same = entry.etag !== undefined && result.etag === entry.etag;
  return copied(entry, decision, method, { ...result, verified: same ? 'md5' : result.verified }, headers);
}

/** The object that the server itself reads. */
export function copySource(
  { source, sourceOwner: owner }: Pick<CopyContext, 'source' | 'sourceOwner'>,
  entry: CopyEntry,
): CopySource {
  const { sourceKey: key, versionId, etag } = entry;
  return { bucket: source.name, key, versionId, etag, owner };
}

/** Parts that the server copies by itself: their bytes never reach this machine. Each is bound to the source's ETag. */
export function copiedParts(context: CopyEnds, entry: CopyEntry, { count }: Pick<Layout, 'count'>): PartBytes {
  const source = copySource(context, entry);
  return {
    memoryOf: () => 0,
    async send({ key, uploadId, headers }, { number, start, end }) {
      const began = performance.now();
      const range = count === 1 ? {} : { range: { start, end } };
      const request = { key, uploadId, headers, number, source, ...range };
      const { etag, attempts } = await context.dest.copyPart(request, context.parts.signal).catch((error) => {
        throw error instanceof S3RequestError && error.status === 412 ? new ChangedWhileRead(entry.origin) : error;
      });
      const record = { number, size: end - start, etag, crc32: undefined, md5: undefined, verified: 'none' } as const;
      return { record, attempts, durationMs: performance.now() - began };
    },
    proven: async (listed, onProven) => partsProvenByDate(entry, listed, onProven),
    selfEvident: false,
    origin: { from: 'object', entry, relayed: false },
    etag: async () => undefined,
    unchanged: async () => true,
  };
}
