import { partCountOf } from '../model/etag.js';

/** How the bytes of one copy get to the destination. */
export interface CopyMethod {
  /** `object`: in one request; `parts`: by ranges, into one upload. */
  readonly by: 'object' | 'parts';
  /** Of the parts: as the source has them, so that the ETag stays the same, or by the rule of sizes. */
  readonly layout: 'source' | 'own';
  /** Through this machine, not from bucket to bucket. */
  readonly relayed: boolean;
  /** For people. */
  readonly reason: string;
}

export interface CopyMethodOptions {
  /** Why the server cannot copy by itself; undefined where it can. */
  readonly relay: string | undefined;
  /** Bytes; undefined for what S3 copies at once. */
  readonly splitAbove: number | undefined;
  /** Bytes that a relay sends at once. */
  readonly threshold: number;
}

/**
 * Bytes that S3 copies at once: 5 GiB.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 * @internal
 */
export const LARGEST_COPY: number = 5 * 1024 ** 3;

/** What of an object decides how it is copied. */
export interface CopiedObject {
  readonly size: number;
  readonly etag: string | undefined;
}

/** How one object is copied, and why. An ETag of parts stays the same only in the same parts, at any size. */
export function copyMethod(
  { size, etag }: CopiedObject,
  { relay, splitAbove, threshold }: CopyMethodOptions,
): CopyMethod {
  const parts = size > 0 ? partCountOf(etag) : undefined;
  const relayed = relay !== undefined;
  const how = relayed ? `relayed, ${relay}` : 'copied by the server';
  if (parts !== undefined)
    return {
      by: 'parts',
      layout: 'source',
      relayed,
      reason: `${how}, in ${parts} ${parts === 1 ? 'part' : 'parts'} as the source`,
    };
  if (relayed ? size > threshold : size > LARGEST_COPY || size > (splitAbove ?? LARGEST_COPY))
    return { by: 'parts', layout: 'own', relayed, reason: `${how}, in ranges` };
  return { by: 'object', layout: 'own', relayed, reason: how };
}

/** What tells where a bucket is served. */
export interface BucketLocation {
  readonly endpointUrl: string | undefined;
  readonly region: string | undefined;
}

/**
 * Can one server read the one bucket and write the other? S3 does so within a partition; two other endpoints are two servers as far as anybody
 * knows.
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
