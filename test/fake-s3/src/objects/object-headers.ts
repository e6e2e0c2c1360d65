import { S3Error } from '../http/error.js';
import { header, type S3Request } from '../http/request.js';
import type { S3Mode } from '../mode.js';

const LOCK = ['x-amz-object-lock-mode', 'x-amz-object-lock-retain-until-date', 'x-amz-object-lock-legal-hold'];
const KEPT = ['cache-control', 'content-disposition', 'content-language', 'expires', ...LOCK];
export const REDIRECT = 'x-amz-website-redirect-location';
const MAX_METADATA = 2048;

/** The headers of a put that come back with HEAD and GET. Throws S3's error for invalid ones. */
export function readObjectHeaders(request: S3Request, mode: S3Mode): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': header(request, 'content-type') || 'binary/octet-stream' };
  for (const name of KEPT) {
    const value = header(request, name);
    if (value !== undefined) kept[name] = value;
  }
  const encoding = header(request, 'content-encoding')
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part.toLowerCase() !== 'aws-chunked')
    .join(',');
  if (encoding) kept['content-encoding'] = encoding;
  Object.assign(kept, readRedirect(request));
  readMetadata(request, kept);
  for (const name of mode.unkeptHeaders) delete kept[name];
  return kept;
}

/** Headers of the object that a write replaces, where this server keeps them. */
export function oldHeaders(
  existing: Readonly<Record<string, string>> | undefined,
  mode: S3Mode,
): Record<string, string> {
  if (mode.oldHeaders === 'dropped' || existing === undefined) return {};
  return Object.fromEntries(
    Object.entries(existing).filter(([name]) => KEPT.includes(name) || name === 'content-encoding'),
  );
}

/** The locks of a put or copy. */
export function readLocks(request: S3Request): Record<string, string> {
  const locks: Record<string, string> = {};
  for (const name of LOCK) {
    const value = header(request, name);
    if (value !== undefined) locks[name] = value;
  }
  return locks;
}

export function isLock(name: string): boolean {
  return LOCK.includes(name);
}

/** The redirect of a put or copy, under its own name; nothing where none is given. */
export function readRedirect(request: S3Request): Record<string, string> {
  const redirect = header(request, REDIRECT);
  if (redirect === undefined) return {};
  if (!/^(?:\/|https?:\/\/)/.test(redirect)) throw new S3Error('InvalidRedirectLocation');
  return { [REDIRECT]: redirect };
}

function readMetadata(request: S3Request, kept: Record<string, string>): void {
  let size = 0;
  for (const name in request.headers) {
    if (!name.startsWith('x-amz-meta-')) continue;
    const value = header(request, name) ?? '';
    size += name.length - 'x-amz-meta-'.length + Buffer.byteLength(value);
    kept[name] = mailSafe(value);
  }
  if (size > MAX_METADATA) {
    throw new S3Error('MetadataTooLarge', { Size: String(size), MaxSizeAllowed: String(MAX_METADATA) });
  }
}

/** S3 returns metadata that is not US-ASCII in the form of RFC 2047. */
function mailSafe(value: string): string {
  if (/^[\x20-\x7e\t]*$/.test(value)) return value;
  return `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}

const STORAGE_CLASSES = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
]);

export function readStorageClass(request: S3Request): string {
  const storageClass = header(request, 'x-amz-storage-class') ?? 'STANDARD';
  if (!STORAGE_CLASSES.has(storageClass)) {
    throw new S3Error('InvalidStorageClass', { StorageClassRequested: storageClass });
  }
  return storageClass;
}

const NO_TAGS: Readonly<Record<string, string>> = {};

export function readTags(request: S3Request, mode: S3Mode): Readonly<Record<string, string>> {
  const text = header(request, 'x-amz-tagging');
  if (text === undefined || text === '') return NO_TAGS;
  checkTagsSupported(mode);
  return checkTags(new URLSearchParams(text));
}

export function checkTagsSupported({ tags }: S3Mode): void {
  if (tags === 'refused') throw new S3Error('NotImplemented', { Header: 'x-amz-tagging' });
}

/** Names and values of tags, within S3's limits. */
export function checkTags(given: Iterable<readonly [string, string]>): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (const [name, value] of given) {
    if (name === '' || name.length > 128) {
      throw new S3Error('InvalidTag', {}, { message: 'The TagKey you have provided is invalid' });
    }
    if (value.length > 256)
      throw new S3Error('InvalidTag', {}, { message: 'The TagValue you have provided is invalid' });
    if (Object.hasOwn(tags, name)) {
      throw new S3Error('InvalidTag', {}, { message: 'Cannot provide multiple Tags with the same key' });
    }
    tags[name] = value;
  }
  if (Object.keys(tags).length > 10) {
    throw new S3Error('BadRequest', {}, { message: 'Object tags cannot be greater than 10' });
  }
  return tags;
}
