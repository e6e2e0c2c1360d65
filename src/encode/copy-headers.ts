import { SourceError } from '../errors.js';
import { STORAGE_CLASSES, type StorageClass } from '../options/types.js';
import { guessContentType } from './content-type.js';
import { CONTENT_HEADERS, keptTags, METADATA_PREFIX } from './header-syntax.js';
import { asksForKms } from './object-headers.js';

type Headers = Readonly<Record<string, string>>;

/** User metadata that tells which object a copy was made from, where its ETag cannot: without the prefix, and as a header. */
export const COPIED_FROM = 's3pp-source';
export const COPIED_FROM_HEADER: string = METADATA_PREFIX + COPIED_FROM;

/** What S3 calls an object's metadata, and keeps or replaces as a whole. */
const CONTENT: ReadonlySet<string> = new Set(CONTENT_HEADERS);
const REDIRECT = 'x-amz-website-redirect-location';
const TAGGING = 'x-amz-tagging';

function isMetadata(name: string): boolean {
  return CONTENT.has(name) || name.startsWith(METADATA_PREFIX);
}

/** What all copies of a run are given. */
export interface GivenHeaders {
  /** Names in lower case. */
  readonly headers: Headers;
  readonly guessTypes: boolean;
}

/** Do they replace metadata of the source, so that all of it has to be known? */
function replacesMetadata({ headers, guessTypes }: GivenHeaders): boolean {
  return guessTypes || Object.keys(headers).some(isMetadata);
}

/** What one copy is made with. */
export interface CopyHeaderFacts {
  readonly key: string;
  /** Of the source, where it is not the default. */
  readonly storageClass: string | undefined;
  /** Headers of the source, where a HEAD or GET has told them. */
  readonly source?: Readonly<Record<string, string | undefined>> | undefined;
  /** Tags of the source. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Grants of the source, as headers. */
  readonly grants?: Headers | undefined;
  /** ETag of the source, where the copy shall tell it. */
  readonly copiedFrom?: string | undefined;
}

/** Makes the headers of the copies of one run. */
export interface CopyHeaders {
  /** Metadata of the source is replaced, so that all of it has to be known. */
  readonly replaceMetadata: boolean;
  readonly replaceTags: boolean;
  /** The destination is to be encrypted by KMS keys. */
  readonly kms: boolean;
  /**
   * Of a CopyObject. S3 keeps metadata and tags by itself, and takes all of either anew where any is given; it keeps neither storage class nor
   * redirect.
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
   */
  readonly ofCopy: (facts: CopyHeaderFacts) => Headers;
  /** Of an object that is made anew, by parts or from this machine: nothing is kept by itself. */
  readonly ofNew: (facts: CopyHeaderFacts) => Headers;
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
        ...notKept(facts),
        ...others,
        ...(replaced && { 'x-amz-metadata-directive': 'REPLACE', ...metadataOf(given, facts) }),
      };
    },
    ofNew(facts) {
      const tags = keptTags(facts.tags ?? {});
      return {
        ...notKept(facts),
        ...(tags !== undefined && { [TAGGING]: tags }),
        ...given.headers,
        ...metadataOf(given, facts),
      };
    },
  };
}

/** Storage classes of special buckets, and the one that is the default: a copy does not take them along. */
const NOT_TAKEN: ReadonlySet<string> = new Set(['STANDARD', 'EXPRESS_ONEZONE', 'OUTPOSTS', 'SNOW']);
const isTaken = (storageClass: string | undefined): storageClass is StorageClass =>
  STORAGE_CLASSES.some((one) => one === storageClass && !NOT_TAKEN.has(one));

/** What S3 keeps by no kind of copy. */
function notKept({ storageClass, source, grants }: CopyHeaderFacts): Record<string, string> {
  const redirect = source?.[REDIRECT];
  return {
    ...(isTaken(storageClass) && { 'x-amz-storage-class': storageClass }),
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
  // What the user gave their objects goes before what we would add.
  const marked = { ...metadata, [COPIED_FROM_HEADER]: copiedFrom };
  return userBytes(marked) > MAX_METADATA_BYTES ? metadata : marked;
}

/**
 * S3's limit on user metadata, names without their prefix and values together.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
 */
const MAX_METADATA_BYTES = 2048;

/** A server that keeps other characters tells them by bytes whose meaning nobody knows, and would not find its signature right. */
function asciiOnly(name: string, value: string): string {
  if (/^[\t -~]*$/.test(value)) return value;
  throw new SourceError('NotAscii', `the header "${name}" of the source is not US-ASCII, and cannot be sent again`, {
    hint: 'Give the header by an option, or leave the object out.',
  });
}

function userBytes(metadata: Headers): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata))
    if (name.startsWith(METADATA_PREFIX)) bytes += name.length - METADATA_PREFIX.length + value.length;
  return bytes;
}
