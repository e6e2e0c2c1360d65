import { hash, randomBytes } from 'node:crypto';
import type { S3Mode } from '../mode.js';
import { DEFAULT_KMS_KEY } from '../objects/encryption.js';
import type { ObjectHead } from '../objects/object-head.js';
import type { Checksum } from './checksum.js';
import type { StoredObject } from './store.js';

export interface SeedOptions {
  /** As HEAD would return them, lower-case names; storage class and encryption too. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Unquoted; default: the MD5, or random under KMS. */
  readonly etag?: string;
  /** Default: none, as on objects from before S3 added its own. */
  readonly checksum?: Checksum;
  readonly lastModified?: Date;
  readonly tags?: Readonly<Record<string, string>>;
  /** Texts by their names. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** A canned ACL. */
  readonly acl?: string;
  /** The object was completed from parts of these sizes; its ETag is then of the form `…-N`. */
  readonly partSizes?: readonly number[];
}

const NOTHING: Readonly<Record<string, string>> = {};
const PLAIN: Readonly<Record<string, string>> = { 'content-type': 'binary/octet-stream' };

/** Creates an object without a request. */
export function seededObject(body: Buffer, options: SeedOptions, mode: S3Mode): StoredObject {
  const modified = options.lastModified?.getTime() ?? Date.now();
  return {
    body,
    size: body.length,
    etag: options.etag ?? seededEtag(body, options.partSizes, mode),
    ...seededHead(options.headers, mode),
    ...(options.tags !== undefined && { tags: options.tags }),
    ...(options.annotations !== undefined && { annotations: annotationsOf(options.annotations) }),
    ...(options.acl !== undefined && { acl: options.acl }),
    checksum: options.checksum,
    ...(options.partSizes !== undefined && { partSizes: options.partSizes }),
    lastModified: Math.floor(modified / 1000) * 1000,
  };
}

function annotationsOf(texts: Readonly<Record<string, string>>): ReadonlyMap<string, Buffer> {
  return new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));
}

export function seededHead(given: SeedOptions['headers'], mode: S3Mode): ObjectHead {
  const {
    'x-amz-storage-class': storageClass = 'STANDARD',
    'x-amz-server-side-encryption': encryption = mode.kms ? 'aws:kms' : 'AES256',
    'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId = encryption === 'AES256' ? undefined : DEFAULT_KMS_KEY,
    'x-amz-server-side-encryption-bucket-key-enabled': bucketKey,
    ...headers
  } = given ?? NOTHING;
  return {
    headers: given === undefined ? PLAIN : { ...PLAIN, ...headers },
    acl: undefined,
    grants: NOTHING,
    tags: NOTHING,
    storageClass,
    encryption,
    kmsKeyId,
    ...(bucketKey === 'true' && { bucketKey: true }),
  };
}

function seededEtag(body: Buffer, partSizes: readonly number[] | undefined, mode: S3Mode): string {
  const md5 = mode.kms ? randomBytes(16).toString('hex') : hash('md5', body);
  if (partSizes === undefined) return md5;
  let end = 0;
  const digests = partSizes.map((size) => {
    end += size;
    return hash('md5', body.subarray(end - size, end), 'buffer');
  });
  if (end !== body.length) throw new Error(`The parts have ${end} bytes, the body ${body.length}`);
  return `${mode.kms ? md5 : hash('md5', Buffer.concat(digests))}-${partSizes.length}`;
}
