import { SourceError } from '../errors.js';
import type { HeaderMap } from '../options/types.js';
import { STORAGE_CLASSES, type StorageClass } from '../options/types.js';
import { guessContentType } from './content-type.js';
import { CONTENT_HEADERS, keptTags, MAX_METADATA_BYTES, METADATA_PREFIX } from './header-syntax.js';
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
  /** Names in lower case. */
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
  const others = {
    ...Object.fromEntries(Object.entries(given.headers).filter(([name]) => !isMetadata(name))),
    ...(replaceTags && { 'x-amz-tagging-directive': 'REPLACE' }),
  };

  return {
    replaceMetadata,
    replaceTags,
    kms: asksForKms(given.headers),
    ofCopy(facts) {
      const replaced = replaceMetadata || facts.copiedFrom !== undefined;
      if (!replaced && facts.storageClass === undefined && facts.source === undefined && facts.grants === undefined)
        return others;
      return {
        ...neverCopied(facts),
        ...others,
        ...(replaced && { 'x-amz-metadata-directive': 'REPLACE', ...metadataOf(given, facts) }),
      };
    },
    ofNew(facts) {
      const tags = keptTags(facts.tags ?? {});
      return {
        ...neverCopied(facts),
        ...(tags !== undefined && { [TAGGING]: tags }),
        ...given.headers,
        ...metadataOf(given, facts),
      };
    },
  };
}

/** Storage classes of special buckets, and the default one: a copy does not get them from its source. */
const NOT_COPIED: ReadonlySet<string> = new Set(['STANDARD', 'EXPRESS_ONEZONE', 'OUTPOSTS', 'SNOW']);
const isCopied = (storageClass: string | undefined): storageClass is StorageClass =>
  STORAGE_CLASSES.some((one) => one === storageClass && !NOT_COPIED.has(one));

/** Headers that S3 never copies itself. */
function neverCopied({ storageClass, source, grants }: CopyHeaderFacts): Record<string, string> {
  const redirect = source?.[REDIRECT];
  return {
    ...(isCopied(storageClass) && { 'x-amz-storage-class': storageClass }),
    ...(redirect !== undefined && { [REDIRECT]: redirect }),
    ...grants,
  };
}

function metadataOf({ headers, guessTypes }: GivenHeaders, facts: CopyHeaderFacts): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(facts.source ?? {}))
    if (isMetadata(name) && value !== undefined && headers[name] === undefined) metadata[name] = asciiOnly(name, value);
  if (guessTypes) metadata['content-type'] = guessContentType(facts.key);
  for (const [name, value] of Object.entries(headers)) if (isMetadata(name)) metadata[name] = value;
  const { copiedFrom } = facts;
  if (copiedFrom === undefined) return metadata;
  // Metadata of the user takes precedence over ours.
  const marked = { ...metadata, [COPIED_FROM_HEADER]: copiedFrom };
  return userBytes(marked) > MAX_METADATA_BYTES ? metadata : marked;
}

/** Servers return other characters in an unknown encoding, and would refuse the signature of a request that sends them back. */
function asciiOnly(name: string, value: string): string {
  if (/^[\t -~]*$/.test(value)) return value;
  throw new SourceError('NotAscii', `the header "${name}" of the source is not US-ASCII, and cannot be sent again`, {
    hint: 'Give the header by an option, or leave the object out.',
  });
}

function userBytes(metadata: HeaderMap): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata))
    if (name.startsWith(METADATA_PREFIX)) bytes += name.length - METADATA_PREFIX.length + value.length;
  return bytes;
}
