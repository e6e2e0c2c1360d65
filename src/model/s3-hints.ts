import { msg } from '../report/message.js';
import { unlikelyName } from './bucket-name.js';
import { GONE_HINT, type HintRow } from './hint-row.js';
import type { Verb } from './verbs.js';

const READS_SOURCE: readonly Verb[] = ['CopyObject', 'UploadPartCopy', 'GetObject'];
const LISTS: readonly Verb[] = ['ListObjectsV2', 'ListMultipartUploads'];
const CUSTOMER_KEY =
  /server.side.encryption.*(?:parameters|customer|key)|stored using a form of|sse-?c\b|customer.(?:provided|key)|algorithm.*must/is;

const isRegion = (text: string): boolean => /^[a-z0-9]+(?:-[a-z0-9]+)*$/i.test(text);

/** Hints for the error codes of S3 servers. @internal */
export const S3_HINTS: readonly HintRow[] = [
  // Buckets, regions and endpoints.
  {
    codes: 'NoSuchBucket',
    says: /website/i,
    hint: () => msg`The endpoint is that of a website. Leave {endpointUrl} out for AWS, or name the API's endpoint.`,
  },
  {
    codes: 'NoSuchBucket',
    hint: (failure) =>
      msg`There is no bucket "${failure.bucket}" at this endpoint. ${unlikelyName(failure) ?? msg`Check its name, and {endpointUrl} where one is given.`}`,
  },
  {
    codes: 'InvalidBucketName',
    hint: (failure) =>
      unlikelyName(failure) ??
      `The server takes no bucket of the name "${failure.bucket}": most take 3 to 63 small letters, digits, dots and hyphens.`,
  },
  {
    codes: 'WrongRegion',
    hint: ({ bucket, region }) =>
      region === undefined || !isRegion(region)
        ? msg`The bucket "${bucket}" is in another region. Set {region}.`
        : msg`The bucket "${bucket}" is in ${region}. Set {region} to "${region}".`,
  },
  {
    codes: ['PermanentRedirect', 'TemporaryRedirect', 'IllegalLocationConstraintException', 'InvalidRegion'],
    // Requests carry credentials, so they are never sent where a redirect leads.
    hint: ({ bucket, location }) =>
      location === undefined
        ? msg`The bucket "${bucket}" is at another endpoint. Set {region} to the bucket's region, and check {endpointUrl}.`
        : msg`Requests with credentials do not follow redirects. Set {endpointUrl} to "${location}" if that is your server.`,
  },
  {
    codes: 'NotARegion',
    hint: () => msg`Check the endpoint, and what is between this machine and it; {region} must be the bucket's region.`,
  },
  {
    codes: 'EndlessListing',
    hint: 'The server, or what is between, repeats pages of its listings. Check whether its version has such a fault, and whether another tool lists this bucket to its end.',
  },
  {
    codes: ['NoSuchKey', 'NotFound'],
    verbs: LISTS,
    hint: ({ bucket }) =>
      msg`A listing names no key, so the endpoint takes "${bucket}" for a part of a key. Check whether {endpointUrl} holds the name of a bucket.`,
  },
  {
    codes: ['NoSuchKey', 'NoSuchVersion'],
    verbs: READS_SOURCE,
    hint: GONE_HINT,
  },
  {
    codes: 'NoSuchKey',
    verbs: ['PutObject', 'CreateMultipartUpload', 'UploadPart'],
    hint: () => msg`An upload needs no object that is there, so this is not the API of S3. Check {endpointUrl}.`,
  },
  {
    codes: 'MethodNotAllowed',
    says: /specified method is not allowed against this resource/i,
    verbs: [...LISTS, 'HeadObject', 'PutObject', 'CreateMultipartUpload'],
    hint: () =>
      msg`The endpoint serves pages, not the API of S3, as the address of a website or a CDN does. Check {endpointUrl}; AWS needs none.`,
  },
  {
    codes: 'MethodNotAllowed',
    hint: () =>
      msg`Something at this endpoint does not let the request through. Check {endpointUrl}, and the proxy before the server.`,
  },

  // The object.
  {
    codes: ['InvalidObjectState', 'ObjectNotInActiveTierError'],
    hint: () => msg`The object is archived. Restore it first (aws s3api restore-object), or leave it out by {exclude}.`,
  },
  {
    codes: 'InvalidRequest',
    says: CUSTOMER_KEY,
    verbs: [...READS_SOURCE, 'HeadObject'],
    hint: () =>
      msg`The object is encrypted with a key of its owner (SSE-C), which no option gives. Leave it out by {exclude}, or store it without such a key.`,
  },
  {
    codes: ['BadRequest', 'InvalidRequest'],
    verbs: ['HeadObject'],
    unless: /region|clock|checksum|content-md5/i,
    hint: () =>
      msg`The server gives no reason to a HEAD. Often the object is encrypted with a key of its owner (SSE-C), which no option gives: leave it out by {exclude}.`,
  },
  {
    codes: ['InvalidRequest', 'MissingContentMD5'],
    says: /content-md5|x-amz-checksum|missing required header/i,
    hint: () =>
      msg`The bucket demands a checksum, as those with Object Lock do. Leave {checksum: 'off'} out; {checksum: 'md5'} sends Content-MD5.`,
  },
  {
    codes: 'MissingContentMD5',
    hint: () => msg`The server demands Content-MD5. Set {checksum: 'md5'}.`,
  },
  {
    codes: ['InvalidRequest', 'ObjectLockConfigurationNotFoundError'],
    says: /object lock/i,
    hint: 'The bucket has no Object Lock. Leave the headers of Object Lock out, or enable it for the bucket.',
  },
  {
    codes: 'InvalidRequest',
    says: /copy.*to itself/i,
    hint: 'A copy onto itself must change something. Name another destination.',
  },
  {
    codes: 'InvalidStorageClass',
    hint: () =>
      msg`The server has no such storage class. Name one that it has by {storageClass}, such as STANDARD; a copy without it takes that of its source.`,
  },
  {
    codes: ['InvalidTag', 'InvalidTagError'],
    hint: () =>
      msg`The server refuses the tags. It takes at most 10, with names of 128 and values of 256 characters: check {tagging}.`,
  },
  {
    codes: ['InvalidEncryptionAlgorithmError', 'InvalidEncryptionAlgorithm'],
    hint: () => msg`The server does not know this encryption. Check {sse}.`,
  },
  {
    codes: 'MetadataTooLarge',
    hint: () => msg`User metadata has at most 2,048 bytes. Shorten {metadata}.`,
  },
  {
    codes: ['KeyTooLongError', 'XMinioInvalidObjectName'],
    says: /too long|exceed|length/i,
    hint: 'A key has at most 1,024 bytes of UTF-8, on some servers 255 in each segment.',
  },
  { codes: 'KeyTooLongError', hint: 'A key has at most 1,024 bytes of UTF-8.' },
  {
    codes: 'DirectoryObjectContainsData',
    hint: () =>
      msg`This server stores keys as files and folders, so a key that ends in "/" has no content. Leave {cleanUrls: 'index'} out here.`,
  },
  {
    codes: [
      'XMinioInvalidObjectName',
      'XMinioObjectExistsAsDirectory',
      'ParentIsObject',
      'ObjectParentIsFile',
      'ExistingObjectIsDirectory',
    ],
    hint: 'This server stores keys as files and folders, so a key cannot be both, and has no empty, "." or ".." segment, and no content if it ends in "/".',
  },
  {
    codes: 'EntityTooLarge',
    verbs: ['UploadPart', 'UploadPartCopy'],
    hint: () => msg`The server takes no part of this size. Set a smaller {partSize}.`,
  },
  {
    codes: 'EntityTooLarge',
    says: /maximum allowed (?:object )?size|5368709120|5 ?GiB/i,
    hint: 'S3 takes at most 5 GiB in one request.',
  },
  {
    codes: 'EntityTooLarge',
    hint: () =>
      msg`S3 takes at most 5 GiB in one request, some servers less. A smaller {multipartThreshold} sends it in parts.`,
  },
  {
    codes: 'EntityTooSmall',
    hint: () => msg`All parts but the last must have 5 MiB or more. Set a larger {partSize}.`,
  },
  {
    codes: ['InvalidPart', 'InvalidPartOrder', 'NoSuchUpload'],
    hint: 'Another run, or a rule of the bucket, has ended the upload. Run again, with nothing else that writes the key.',
  },
  {
    codes: ['TooManyParts', 'InvalidPartNumber'],
    hint: () => msg`An object has at most 10,000 parts. Set a larger {partSize}.`,
  },
  {
    codes: 'InvalidRange',
    verbs: READS_SOURCE,
    hint: 'The source has changed since it was listed. Run again when nothing writes to it.',
  },
  {
    codes: 'PreconditionFailed',
    hint: 'Another writer has changed the object in the meantime. Run again.',
  },
  {
    codes: ['OperationAborted', 'ConditionalRequestConflict'],
    hint: 'Another writer works on the same key or bucket. Run again when it has finished.',
  },
  {
    codes: ['BadDigest', 'InvalidDigest', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch'],
    hint: 'The bytes that arrived are not those that were sent: the file changes while it is read, or something between changes bodies.',
  },

  // What a server does not have.
  {
    codes: 'InvalidArgument',
    says: /requests must be made to api port/i,
    hint: () => msg`This is the port of MinIO's Console. Name that of its API in {endpointUrl}; it is 9000 by default.`,
  },
  {
    codes: ['NotImplemented', 'InvalidArgument'],
    says: /x-amz-acl|x-amz-grant/i,
    hint: () => msg`The server has no ACLs. Leave {acl} and grant headers out.`,
  },
  {
    codes: ['NotImplemented', 'InvalidArgument'],
    verbs: ['PutObjectTagging'],
    hint: () => msg`The server has no tags. {deleteAfter} needs them: leave it out, and strays are deleted at once.`,
  },
  {
    codes: ['NotImplemented', 'InvalidArgument'],
    says: /x-amz-tagging|\btag(?:s|ging)?\b/i,
    hint: () => msg`The server has no tags. Leave {tagging} out.`,
  },
  {
    codes: ['NotImplemented', 'InvalidArgument'],
    says: /storage.class/i,
    hint: () => msg`The server does not have this storage class. Leave {storageClass} out, or name one that it has.`,
  },
  {
    codes: ['NotImplemented', 'InvalidArgument'],
    says: /server-side-encryption|\bSSE\b/i,
    hint: () => msg`The server does not encrypt this way. Leave {sse} out, or choose another.`,
  },
  {
    codes: ['NotImplemented', 'InvalidArgument'],
    says: /checksum/i,
    hint: () => msg`The server does not know the checksum. Set {checksum: 'md5'} or {checksum: 'off'}.`,
  },
  { codes: 'InvalidArgument', hint: 'The server does not take one of the headers; its message says which.' },
  { codes: 'NotImplemented', hint: 'This server does not implement something that the request asks for.' },

  // The state of the server.
  {
    codes: [
      'QuotaExceeded',
      'XMinioAdminBucketQuotaExceeded',
      'StorageCapExceeded',
      'StorageQuotaExceeded',
      'ServiceQuotaExceeded',
    ],
    hint: 'The quota of the bucket or the account is used up. Raise it, or make room.',
  },
  {
    codes: ['XMinioStorageFull', 'InsufficientStorage', 'NoSpaceLeft'],
    hint: "The server's disks are full. Make room there.",
  },
  {
    codes:
      /^(?:XMinio)?(?:ServerNotInitialized|BackendDown|Insufficient(?:Read|Write)Quorum)$|^SlowDown(?:Read|Write)$/,
    hint: 'The server lacks disks or nodes that it needs. Its log says which.',
  },
  {
    codes: ['SlowDown', 'TooManyRequests', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded'],
    hint: () => msg`The server was overloaded for long. Run again later, or lower {concurrency}.`,
  },
  {
    codes: ['InternalError', 'ServiceUnavailable', 'BadGateway', 'GatewayTimeout', 'RequestTimeout'],
    hint: 'The server failed, again and again. Run again later: what has arrived is compared and skipped.',
  },
];
