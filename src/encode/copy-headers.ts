import { SourceError } from '../errors.js';
import type { HeaderMap } from '../options/types.js';
import { STORAGE_CLASSES, type StorageClass } from '../options/types.js';
import { msg } from '../report/message.js';
import { guessContentType } from './content-type.js';
import { CONTENT_HEADERS, keptTags, MAX_METADATA_BYTES, METADATA_PREFIX, storedEncoding } from './header-syntax.js';
import { asksForKms } from './object-headers.js';

/** User metadata with the ETag of the object that a copy was made from, where the copy's own ETag differs: without the prefix, and as a header. */
export const COPIED_FROM = 's3pp-source';
const COPIED_FROM_HEADER: string = METADATA_PREFIX + COPIED_FROM;

/** What S3 calls an object's metadata, and copies or replaces as a whole. */
const CONTENT: ReadonlySet<string> = new Set(CONTENT_HEADERS);
const REDIRECT = 'x-amz-website-redirect-location';
const TAGGING = 'x-amz-tagging';

function isMetadata(name: string): boolean {
  return CONTENT.has(name) || name.startsWith(METADATA_PREFIX);
}

/** Headers that the options give all copies of a run. */
export interface GivenHeaders {
  /** Names in lower case. An empty value removes the source's header. */
  readonly headers: HeaderMap;
  readonly guessTypes: boolean;
}

/** Whether they replace metadata of the source, so that all of it must be known. */
function replacesMetadata({ headers, guessTypes }: GivenHeaders): boolean {
  return guessTypes || Object.keys(headers).some(isMetadata);
}

/** What the headers of one copy are made from. */
export interface CopyHeaderFacts {
  readonly key: string;
  /** Storage class of the source, where it is not the default. */
  readonly storageClass: string | undefined;
  /** Headers of the source, where a HEAD or GET has shown them. */
  readonly source?: Readonly<Record<string, string | undefined>> | undefined;
  /** Tags of the source. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Grants of the source, as headers. */
  readonly grants?: HeaderMap | undefined;
  /** ETag of the source, where the copy's metadata should name it. */
  readonly copiedFrom?: string | undefined;
}

/** Makes the headers of the copies of one run. */
export interface CopyHeaders {
  /** Whether metadata of the source is replaced, so that all of it must be known. */
  readonly replaceMetadata: boolean;
  readonly replaceTags: boolean;
  /** Whether the options request KMS encryption keys at the destination. */
  readonly kms: boolean;
  /**
   * Headers of a CopyObject. S3 copies metadata and tags itself, and replaces all of either where any is given; it copies neither storage class
   * nor redirect.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
   */
  readonly ofCopy: (facts: CopyHeaderFacts) => HeaderMap;
  /** Headers of a new object, made in parts or sent from this machine: S3 copies nothing itself. */
  readonly ofNew: (facts: CopyHeaderFacts) => HeaderMap;
}

export function prepareCopyHeaders(given: GivenHeaders): CopyHeaders {
  const replaceMetadata = replacesMetadata(given);
  const replaceTags = TAGGING in given.headers;
  const replaceRedirect = REDIRECT in given.headers;
  const sent = Object.fromEntries(Object.entries(given.headers).filter(([, value]) => value !== ''));
  const others = {
    ...Object.fromEntries(Object.entries(sent).filter(([name]) => !isMetadata(name))),
    ...(replaceTags && { 'x-amz-tagging-directive': 'REPLACE' }),
  };

  return {
    replaceMetadata,
    replaceTags,
    kms: asksForKms(given.headers),
    ofCopy(facts) {
      // S3 would copy an encoding that its source has by mistake.
      const replaced = replaceMetadata || facts.copiedFrom !== undefined || hasUploadEncoding(facts.source);
      if (!replaced && facts.storageClass === undefined && facts.source === undefined && facts.grants === undefined)
        return others;
      return {
        ...neverCopied(facts, replaceRedirect),
        ...others,
        ...(replaced && { 'x-amz-metadata-directive': 'REPLACE', ...metadataOf(given, facts) }),
      };
    },
    ofNew(facts) {
      const tags = keptTags(facts.tags ?? {});
      return {
        ...neverCopied(facts, replaceRedirect),
        ...(tags !== undefined && { [TAGGING]: tags }),
        ...sent,
        ...metadataOf(given, facts),
      };
    },
  };
}

/** Whether the encoding of an object names how it was once sent, which is no encoding of its bytes. */
function hasUploadEncoding(source: CopyHeaderFacts['source']): boolean {
  const encoding = source?.['content-encoding'];
  return encoding !== undefined && storedEncoding(encoding) !== encoding;
}

/**
 * Storage classes of special buckets, and the default one: a copy does not get them from its source. Classes that only other services of AWS can
 * write (`AWS_BACKUP_…`, `FSX_…`) are no option of this package, so a copy does not get them either.
 */
const NOT_COPIED: ReadonlySet<string> = new Set(['STANDARD', 'EXPRESS_ONEZONE', 'OUTPOSTS', 'SNOW']);
const isCopied = (storageClass: string | undefined): storageClass is StorageClass =>
  STORAGE_CLASSES.some((one) => one === storageClass && !NOT_COPIED.has(one));

/** Headers that S3 never copies itself. */
function neverCopied(
  { storageClass, source, grants }: CopyHeaderFacts,
  replaceRedirect: boolean,
): Record<string, string> {
  const redirect = replaceRedirect ? undefined : source?.[REDIRECT];
  return {
    ...(isCopied(storageClass) && { 'x-amz-storage-class': storageClass }),
    ...(redirect !== undefined && { [REDIRECT]: redirect }),
    ...grants,
  };
}

function metadataOf({ headers, guessTypes }: GivenHeaders, facts: CopyHeaderFacts): Record<string, string> {
  const metadata: Record<string, string> = {};
  const ownMetadata = Object.keys(headers).some((name) => name.startsWith(METADATA_PREFIX));
  if (!ownMetadata) refuseMissing(facts.source);
  let encoded = false;
  for (const [name, value] of Object.entries(facts.source ?? {})) {
    if (!isMetadata(name) || value === undefined || headers[name] !== undefined) continue;
    const kept = name === 'content-encoding' ? storedEncoding(value) : inAscii(name, value);
    encoded ||= kept !== value && name !== 'content-encoding';
    if (kept !== undefined) metadata[name] = kept;
  }
  if (guessTypes) metadata['content-type'] = guessContentType(facts.key);
  for (const [name, value] of Object.entries(headers)) if (isMetadata(name) && value !== '') metadata[name] = value;
  if (encoded && userBytes(metadata) > MAX_METADATA_BYTES)
    throw notAscii("the source's metadata is not US-ASCII, and larger than 2 KB in the encoding of RFC 2047");
  const { copiedFrom } = facts;
  if (copiedFrom === undefined) return metadata;
  // Metadata of the user takes precedence over ours.
  const marked = { ...metadata, [COPIED_FROM_HEADER]: copiedFrom };
  return userBytes(marked) > MAX_METADATA_BYTES ? metadata : marked;
}

/**
 * A header of the source as it can be sent again: a server would refuse the signature of other characters. User metadata gets the form in which S3
 * itself returns such metadata, RFC 2047; a browser would not understand that in other headers.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
 */
function inAscii(name: string, value: string): string {
  if (/^[\t -~]*$/.test(value)) return value;
  // A client has replaced bytes that are not UTF-8, so they are lost.
  if (!name.startsWith(METADATA_PREFIX) || value.includes('\ufffd'))
    throw notAscii(`the header "${name}" of the source is not US-ASCII, and cannot be sent again`);
  return `=?UTF-8?B?${Buffer.from(textOf(value)).toString('base64')}?=`;
}

/** Clients read the bytes of a header as Latin-1; most of those that are not US-ASCII are UTF-8. */
function textOf(value: string): string {
  if (/[^\0-\xff]/.test(value)) return value;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}

function notAscii(what: string): SourceError {
  return new SourceError('NotAscii', what, {
    hint: msg`Replace it in the copies by {headers} or {metadata}, or leave the object out by {exclude}.`,
  });
}

/**
 * Refuses to copy metadata of which the response lacks some: S3 counts entries that cannot be a header, and no request shows them. Where the options
 * give metadata of their own, the user decides.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
function refuseMissing(source: CopyHeaderFacts['source']): void {
  const missing = Number(source?.['x-amz-missing-meta'] ?? 0);
  if (!(missing > 0)) return;
  const entries = missing === 1 ? '1 entry' : `${missing} entries`;
  throw new SourceError(
    'MissingMetadata',
    `${entries} of the source's metadata cannot be read (x-amz-missing-meta), so the copy would lose them`,
    {
      hint: msg`Give the copies metadata of their own by {metadata} to copy without these entries, or leave the object out by {exclude}.`,
    },
  );
}

function userBytes(metadata: HeaderMap): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata))
    if (name.startsWith(METADATA_PREFIX)) bytes += name.length - METADATA_PREFIX.length + value.length;
  return bytes;
}
