import type { PartSizing } from '../../model/part-layout.js';
import type { PartOptions } from '../../options/resolved.js';
import type { HeaderMap } from '../../options/types.js';
import { copyMethod } from '../../plan/copy-method.js';
import { REASONS } from '../../report/reasons.js';
import type { Run } from '../../run/run.js';
import type { Bucket } from '../../s3/bucket.js';
import type { Md5 } from '../body/hash.js';
import { multipartContext } from '../multipart/types.js';
import type { Result } from '../result.js';
import { keepAnnotations } from './annotations.js';
import type { CopyContext } from './context.js';
import { partsCopier } from './copy-parts.js';

export interface SelfCopyContext {
  readonly bucket: Bucket;
  readonly options: PartOptions & { readonly memory: number };
  readonly sizing: PartSizing;
  readonly md5: Md5;
  /** Bytes that the server copies in one request. */
  readonly largestCopy: number;
}

/** An object that is copied onto itself. */
export interface SelfCopied {
  readonly key: string;
  readonly size: number;
  /** That it must have; undefined where the server sends none. */
  readonly etag: string | undefined;
  /** All headers of the new object. */
  readonly headers: HeaderMap;
}

/** Objects onto which the server copies ranges at once cost this machine next to nothing. */
const OPEN_AT_ONCE = 4;

/**
 * Copies objects that are too large for one request onto themselves, by ranges, with other headers. Each range is bound to the ETag.
 * @throws ChangedWhileRead where the object has another ETag
 */
export function selfCopier(run: Run, own: SelfCopyContext): (object: SelfCopied) => Promise<Result> {
  const { bucket, options, sizing, md5, largestCopy } = own;
  const { memory, record, signal, stop } = run;
  const annotations = {
    source: bucket,
    dest: bucket,
    annotations: 'copy',
    signal,
    stop: stop.signal,
    warn: record.warn,
  } as const;
  const shared: Omit<CopyContext, 'headers'> = {
    source: bucket,
    dest: bucket,
    relay: { why: () => undefined, relayAll: () => {} },
    methodFor: methodOf,
    kms: { source: false, dest: false },
    copyAcl: false,
    annotated: keepAnnotations(annotations),
    sourceOwner: undefined,
    partSize: options.partSize,
    splitAbove: largestCopy,
    parts: multipartContext(run, {
      bucket,
      sizing,
      md5,
      resume: options.resume,
      bufferBytes: options.memory,
      openAtOnce: OPEN_AT_ONCE,
    }),
    memory,
    record,
    md5,
    countHead: record.countHead,
    signal,
    stop: stop.signal,
  };

  function methodOf({ size, etag }: Pick<SelfCopied, 'size' | 'etag'>) {
    return copyMethod(
      { size, etag },
      { relay: undefined, splitAbove: largestCopy, threshold: Number.POSITIVE_INFINITY },
    );
  }

  return ({ key, size, etag, headers }) => {
    const all = () => headers;
    const copy = partsCopier({
      ...shared,
      headers: { replaceMetadata: true, replaceTags: true, kms: false, ofCopy: all, ofNew: all },
    });
    const origin = `s3://${bucket.name}/${key}`;
    const object = {
      kind: 'entry',
      key,
      origin,
      sourceKey: key,
      versionId: undefined,
      size,
      etag,
      modified: undefined,
      storageClass: undefined,
    } as const;
    return copy(object, { action: 'put', reason: REASONS.headersDiffer }, methodOf(object));
  };
}
