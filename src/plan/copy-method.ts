import { partCountOf } from '../model/etag.js';
import { COPIED_BY_SERVER } from '../report/reasons.js';

/** How one object is copied to the destination. */
export interface CopyMethod {
  /** `object`: in one request; `parts`: by ranges, into one upload. */
  readonly by: 'object' | 'parts';
  /** The parts: as the source has them, so that the ETag stays the same, or by our own rule of part sizes. */
  readonly layout: 'source' | 'own';
  /** Whether the bytes pass through this machine instead of going from bucket to bucket. */
  readonly relayed: boolean;
  /** For people to read. */
  readonly reason: string;
}

export interface CopyMethodOptions {
  /** Why the server cannot copy itself; undefined where it can. */
  readonly relay: string | undefined;
  /** Bytes above which a copy is split; undefined for S3's limit. */
  readonly splitAbove: number | undefined;
  /** Bytes up to which a relay sends one request. */
  readonly threshold: number;
}

/**
 * Bytes that S3 copies in one request: 5 GiB.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 * @internal
 */
export const LARGEST_COPY: number = 5 * 1024 ** 3;

/** What decides how an object is copied. */
export interface CopiedObject {
  readonly size: number;
  readonly etag: string | undefined;
}

/** How one object is copied, and why. Whatever the size, an ETag of parts stays the same only if the copy has the same parts. */
export function copyMethod(
  { size, etag }: CopiedObject,
  { relay, splitAbove, threshold }: CopyMethodOptions,
): CopyMethod {
  const parts = size > 0 ? partCountOf(etag) : undefined;
  const relayed = relay !== undefined;
  const how = relayed ? `relayed, ${relay}` : COPIED_BY_SERVER;
  if (parts !== undefined)
    return {
      by: 'parts',
      layout: 'source',
      relayed,
      reason: how + likeSource(parts),
    };
  if (relayed ? size > threshold : size > LARGEST_COPY || size > (splitAbove ?? LARGEST_COPY))
    return { by: 'parts', layout: 'own', relayed, reason: `${how}, in ranges` };
  return { by: 'object', layout: 'own', relayed, reason: how };
}

function likeSource(parts: number): string {
  return `, in ${parts} ${parts === 1 ? 'part' : 'parts'} as the source`;
}

/** The method of an object that could not get the parts of its source after all. */
export function inOwnRanges(method: CopyMethod, { etag }: Pick<CopiedObject, 'etag'>): CopyMethod {
  const planned = likeSource(partCountOf(etag) ?? 1);
  if (!method.reason.endsWith(planned)) return method;
  return { ...method, layout: 'own', reason: `${method.reason.slice(0, -planned.length)}, in ranges` };
}

/** Which service a bucket is on. */
export interface BucketLocation {
  readonly endpointUrl: string | undefined;
  readonly region: string | undefined;
}

/**
 * Whether one server can read the one bucket and write the other. S3 can within a partition; two other endpoints are taken to be two servers.
 * @see https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
export function sameService(source: BucketLocation, dest: BucketLocation): boolean {
  return serviceOf(source) === serviceOf(dest);
}

function serviceOf({ endpointUrl, region }: BucketLocation): string {
  const { host } = new URL(endpointUrl ?? 'https://s3.amazonaws.com');
  const own = /(?:^|\.)(amazonaws\.com(?:\.cn)?|amazonaws\.eu)$/.exec(host)?.[1];
  if (own === undefined) return host;
  const named = /(?:^|[.-])((?:cn|us-gov|us-iso[a-z]*|eu-isoe|eusc)-)/.exec(`${region ?? ''} ${host}`)?.[1];
  return `aws ${named ?? own.replace('amazonaws.com', '')}`.trim();
}
