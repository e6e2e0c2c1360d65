import { closestMatch } from 'leven';
import { UsageError } from '../errors.js';

export const METADATA_PREFIX = 'x-amz-meta-';
export const GRANT_PREFIX = 'x-amz-grant-';

/** Headers of an object that S3 counts as its metadata, besides the user's. */
export const CONTENT_HEADERS: readonly string[] = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/**
 * Headers of PutObject that describe the object, and so may be given.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export const OBJECT_HEADERS: readonly string[] = [
  ...CONTENT_HEADERS,
  'x-amz-acl',
  'x-amz-expected-bucket-owner',
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write-acp',
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-request-payer',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-server-side-encryption-context',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-customer-key',
  'x-amz-server-side-encryption-customer-key-md5',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-website-redirect-location',
];

const KNOWN = new Set(OBJECT_HEADERS);

/** Headers that cannot be given, and what sets them. The first that fits counts. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^content-length$/, 'It is the length of what is sent.'],
  [
    /^(?:content-md5|x-amz-checksum-.*|x-amz-sdk-checksum-.*|x-amz-content-sha256)$/,
    'It is computed from what is sent.',
  ],
  [/^(?:authorization|x-amz-date|date|x-amz-security-token|host)$/, 'It is set when the request is signed.'],
  [/^if-(?:none-)?match$|^if-(?:un)?modified-since$/, 'The put mode sets conditions: "add" never overwrites.'],
  [
    /^(?:connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|x-amz-decoded-content-length)$/,
    'It belongs to the connection.',
  ],
  [/^x-amz-copy-source|-directive$/, 'A copy sets it by itself: what no option replaces is kept.'],
  [/^x-amz-grant-write$/, 'S3 takes it for buckets only; objects have x-amz-grant-full-control.'],
  [/^(?:last-modified|etag|server|accept-ranges|age)$/, 'The server sets it.'],
  [/^access-control-/, "S3 sends it from the bucket's CORS configuration."],
  [
    /^(?:content-security-policy.*|strict-transport-security|x-frame-options|x-content-type-options|x-xss-protection|referrer-policy|permissions-policy|cross-origin-.*|vary|link|location)$/,
    'S3 does not keep it with an object; a CDN in front of the bucket can add it.',
  ],
];

/**
 * Checks one lower-case header name.
 * @throws UsageError that names what sets it, or the names that are near
 */
export function checkHeaderName(name: string): void {
  if (KNOWN.has(name)) return;
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} is not a header name.`,
      'Names have letters, digits and hyphens, without spaces.',
    );
  }
  if (name.startsWith(METADATA_PREFIX) && name !== METADATA_PREFIX) return;
  const reason = REFUSED.find(([names]) => names.test(name))?.[1];
  if (reason !== undefined) throw new UsageError(`The header "${name}" cannot be given.`, reason);
  const near = closestMatch(name, [...OBJECT_HEADERS], { maxDistance: 5 });
  throw new UsageError(
    `"${name}" is not a header of S3 objects.`,
    `${near === undefined ? '' : `Is "${near}" meant? `}For metadata of your own write "${METADATA_PREFIX}${name.replace(/^x-(?:amz-)?(?:meta-)?/, '') || 'name'}".`,
  );
}
