import { S3RequestError, SourceError } from '../../errors.js';
import { msg, type Text } from '../../report/message.js';
import type { RemoteObject } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import { type CopyContext, readFrom } from './context.js';

/**
 * Classes whose objects cannot be read before they are restored. A listing shows the class, but not whether it is restored.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html
 */
const ARCHIVES: ReadonlySet<string | undefined> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** Whether the listing shows that an object must be restored before it can be read, unless that was done already. */
export function isListedAsArchived({ storageClass }: Pick<CopyEntry, 'storageClass'>): boolean {
  return ARCHIVES.has(storageClass);
}

/**
 * Throws for an archived object that is not restored, before anything else is requested for its parts: reading one byte shows it on any server,
 * while a HEAD works for every archived object, and other servers use these class names for classes that can be read.
 */
export async function checkRestored({ source, signal }: CopyContext, entry: CopyEntry): Promise<void> {
  if (entry.size === 0 || !isListedAsArchived(entry)) return;
  await source.getObject(readFrom(entry), { start: 0, end: 1 }, signal);
}

/** Throws where a HEAD shows that S3 Intelligent-Tiering has archived the object, which a listing does not show. */
export function checkTier(
  { source }: Pick<CopyContext, 'source'>,
  entry: CopyEntry,
  { headers }: Pick<RemoteObject, 'headers'>,
): void {
  const tier = headers?.['x-amz-archive-status'];
  if (tier === undefined) return;
  throw new SourceError('InvalidObjectState', `${entry.origin} is archived (${tier}), and must be restored first`, {
    hint: restoreFirst(source.name, entry),
  });
}

/** The error, with what fixes it where that depends on the source's object. */
export function explained({ source }: Pick<CopyContext, 'source'>, entry: CopyEntry, error: unknown): unknown {
  if (!(error instanceof S3RequestError)) return error;
  const hint = hintFor(source.name, entry, error);
  return hint === undefined ? error : new S3RequestError(error.message, { ...error, hint, cause: error.cause });
}

function hintFor(from: string, entry: CopyEntry, error: S3RequestError): Text | undefined {
  const { code, verb, status, bucket, message } = error;
  if (code === 'InvalidObjectState') return restoreFirst(from, entry);
  if (code === 'InvalidStorageClass') {
    const { storageClass } = entry;
    const known = storageClass === undefined ? '' : `; the source's is ${storageClass}`;
    return msg`The destination has no such storage class${known}. Choose one that it has by {storageClass}, such as {storageClass: 'STANDARD'}.`;
  }
  // The response to a HEAD has no body that names the cause.
  if (verb === 'HeadObject' && status === 400 && bucket === from)
    return msg`S3 answers so where a key of a customer (SSE-C) encrypts the object. ${CUSTOMER_KEY}`;
  return code === 'InvalidRequest' && /stored using a form of server[- ]side encryption/i.test(message)
    ? msg`A key of a customer (SSE-C) encrypts the object. ${CUSTOMER_KEY}`
    : undefined;
}

const CUSTOMER_KEY = msg`A copy cannot read it without that key, and does not take one: leave it out by {exclude}.`;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html */
function restoreFirst(bucket: string, { sourceKey, versionId, storageClass }: CopyEntry): string {
  const version = versionId === undefined ? '' : ` --version-id ${quoted(versionId)}`;
  // Intelligent-Tiering keeps a restored object until it has not been read for long.
  const request = storageClass === 'INTELLIGENT_TIERING' ? "'{}'" : 'Days=7';
  const command = `aws s3api restore-object --bucket ${quoted(bucket)} --key ${quoted(sourceKey)}${version} --restore-request ${request}`;
  return `It is archived: restore it first (${command}), and run again once that is done, which takes from minutes to 48 hours.`;
}

/** A word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
