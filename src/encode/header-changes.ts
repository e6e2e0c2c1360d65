import type { Encoding } from '../model/encodings.js';
import type { HeaderMap } from '../options/types.js';
import type { HeaderChange } from '../report/types.js';
import { SOURCE_MD5 } from './compression.js';
import { prepareCopyHeaders } from './copy-headers.js';
import { timeOfDate } from './header-dates.js';
import {
  CONTENT_HEADERS,
  GRANT_PREFIX,
  isRemovable,
  METADATA_PREFIX,
  REUSED_MARK,
  storedEncoding,
} from './header-syntax.js';
import { KMS_KEY, SSE } from './object-headers.js';

/** The headers of an object as this run would put it. */
export interface WantedHeaders {
  /** All that a put sends. Names in lower case. */
  readonly headers: HeaderMap;
  /** Names that it must not have. */
  readonly removed: readonly string[];
  /** The encoding where its body is sent compressed; undefined where `headers` say how it is encoded. */
  readonly compressedBy: Encoding | undefined;
  /** What counts instead of some of `headers` where the object has {@link REUSED_MARK}. */
  readonly whenReused?: HeaderMap | undefined;
}

/** Headers of a HEAD. */
export type StoredHeaders = Readonly<Record<string, string | undefined>>;

const SOURCE_MD5_HEADER = METADATA_PREFIX + SOURCE_MD5;

/** What a put of this run would give the object that is there. */
export function wantedFor(wanted: WantedHeaders, stored: StoredHeaders): WantedHeaders {
  const { headers, whenReused } = wanted;
  if (whenReused === undefined || stored[REUSED_MARK] === undefined) return wanted;
  return { ...wanted, headers: { ...headers, ...whenReused } };
}

/**
 * The managed headers that an object has otherwise than a put of this run would give it, in the order of their names. Managed are the content type and
 * the content encoding, and of the others those that the run names for this file.
 */
export function headerChanges(wanted: WantedHeaders, stored: StoredHeaders): readonly HeaderChange[] {
  const { headers, removed, compressedBy } = wanted;
  let changes: HeaderChange[] | undefined;
  const compare = (name: string, to: string | undefined): void => {
    const from = storedValue(name, stored);
    if (from === to || isSame(name, from, to)) return;
    changes ??= [];
    changes.push({ name, ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  };
  compare('content-type', headers['content-type']);
  compare('content-encoding', compressedBy ?? headers['content-encoding']);
  for (const name in headers) if (isManaged(name)) compare(name, headers[name]);
  for (const name of removed) compare(name, undefined);
  return changes?.sort(({ name: one }, { name: other }) => (one < other ? -1 : 1)) ?? NONE;
}

const NONE: readonly HeaderChange[] = [];

/** Whether a name is managed where the run names it. */
function isManaged(name: string): boolean {
  return isRemovable(name) && name !== SOURCE_MD5_HEADER;
}

/** Whether only other bytes can have the header: an encoding is how the bytes are written. */
export function needsBytes({ name }: HeaderChange): boolean {
  return name === 'content-encoding';
}

/** Metadata may be empty; of the others some servers send empty ones where there are none. */
function storedValue(name: string, stored: StoredHeaders): string | undefined {
  const value = stored[name];
  return value === '' && !name.startsWith(METADATA_PREFIX) ? undefined : value;
}

/** Whether two values mean the same: what servers write in another way must not be set again and again. */
function isSame(name: string, stored: string | undefined, wanted: string | undefined): boolean {
  // How the bytes were once sent is no encoding, where a server keeps it.
  if (name === 'content-encoding') return encodingOf(stored) === encodingOf(wanted);
  if (stored === undefined || wanted === undefined) return stored === wanted;
  if (name === 'content-type') return normalType(stored) === normalType(wanted);
  const [one, other] = [stored.trim(), wanted.trim()];
  if (one === other) return true;
  const time = name === 'expires' ? timeOfDate(one) : undefined;
  return time !== undefined && time === timeOfDate(other);
}

function encodingOf(value: string | undefined): string | undefined {
  const own = value === undefined ? undefined : storedEncoding(value);
  const codings = own?.split(',').map((coding) => coding.trim().toLowerCase());
  return codings?.filter((coding) => coding !== '').join(',') || undefined;
}

/** A content type without what means nothing: white space, quotes, and the case of names and of a charset. */
function normalType(type: string): string {
  const [essence = '', ...parameters] = type.split(';');
  const normal = parameters.flatMap((parameter) => {
    const at = parameter.indexOf('=');
    if (at < 0) return parameter.trim() === '' ? [] : [parameter.trim().toLowerCase()];
    const name = parameter.slice(0, at).trim().toLowerCase();
    const value = parameter
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    return [`${name}=${name === 'charset' ? value.toLowerCase() : value}`];
  });
  return [essence.trim().toLowerCase(), ...normal].join(';');
}

const CLASS = 'x-amz-storage-class';
const REDIRECT = 'x-amz-website-redirect-location';
const LOCK = 'x-amz-object-lock-';
const LOCK_MODE = `${LOCK}mode`;
const LOCK_UNTIL = `${LOCK}retain-until-date`;
const KEPT: ReadonlySet<string> = new Set([
  ...CONTENT_HEADERS,
  CLASS,
  REDIRECT,
  SSE,
  KMS_KEY,
  `${SSE}-bucket-key-enabled`,
  'x-amz-missing-meta',
  'x-amz-tagging-count',
]);

/** Of the headers of a HEAD, those that setting others needs. */
export function keptHeaders(stored: StoredHeaders): HeaderMap {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(stored))
    if (value !== undefined && (KEPT.has(name) || name.startsWith(METADATA_PREFIX) || name.startsWith(LOCK)))
      kept[name] = value;
  return kept;
}

/** What the requests that set the headers of one object are made from. */
export interface UpdateFacts {
  readonly key: string;
  readonly wanted: WantedHeaders;
  /** Of the object, as {@link keptHeaders} makes them. */
  readonly kept: HeaderMap;
  /** Grants that the object has, as headers; not used where the run gives an ACL. */
  readonly grants: HeaderMap;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** In ms since 1970: a lock that has ended cannot be set. */
  readonly now: number;
}

/**
 * The whole set of headers for a copy of an object onto itself: managed ones as wanted, all else as it is. S3 keeps the tags.
 * @throws SourceError where the object has metadata that no request shows, or that cannot be sent again
 */
export function headersOfUpdate({ key, wanted, kept, grants, now }: UpdateFacts): HeaderMap {
  const { 'content-encoding': _, ...given } = givenBy(wanted);
  const headers = prepareCopyHeaders({ headers: { ...storedSettings(kept, now), ...given }, guessTypes: false });
  return headers.ofCopy({ key, storageClass: kept[CLASS], source: kept, grants: hasAcl(given) ? {} : grants });
}

/**
 * The same for a new object in its place, which gets nothing from the old one by itself.
 * @param by `put`: its bytes are sent again, compressed or not; `parts`: they are copied
 */
export function headersOfReplacement(
  { key, wanted, kept, grants, tags, now }: UpdateFacts,
  by: 'put' | 'parts',
): Record<string, string> {
  const { 'content-encoding': encoding, ...given } = givenBy(wanted);
  const { [SOURCE_MD5_HEADER]: sourceMd5, ...source } = kept;
  const headers = prepareCopyHeaders({ headers: { ...storedSettings(kept, now), ...given }, guessTypes: false });
  const facts = { key, storageClass: kept[CLASS], source, grants: hasAcl(given) ? {} : grants, tags };
  const { 'content-encoding': stored, ...all } = headers.ofNew(facts);
  if (by === 'parts')
    return {
      ...all,
      ...(stored !== undefined && { 'content-encoding': stored }),
      ...(sourceMd5 !== undefined && { [SOURCE_MD5_HEADER]: sourceMd5 }),
    };
  // Compressing sets both of these headers.
  return wanted.compressedBy === undefined && encoding !== undefined ? { ...all, 'content-encoding': encoding } : all;
}

/** What the run gives: managed headers, an empty text for those that must go, and the ACL and headers of requests. */
function givenBy({ headers, removed, compressedBy }: WantedHeaders): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of removed) given[name] = '';
  for (const [name, value] of Object.entries(headers))
    if (isManaged(name) || ALWAYS_MANAGED.has(name) || isAccess(name) || OF_REQUESTS.has(name)) given[name] = value;
  return compressedBy === undefined ? given : { ...given, 'content-encoding': compressedBy };
}

const ALWAYS_MANAGED: ReadonlySet<string> = new Set(['content-type', 'content-encoding']);
const OF_REQUESTS: ReadonlySet<string> = new Set(['x-amz-request-payer', 'x-amz-expected-bucket-owner']);

function isAccess(name: string): boolean {
  return name === 'x-amz-acl' || name.startsWith(GRANT_PREFIX);
}

/** Whether headers give an ACL, so that the one that an object has does not matter. */
export function hasAcl(headers: HeaderMap): boolean {
  return Object.keys(headers).some(isAccess);
}

/**
 * Encryption and locks of the object, which a copy does not get from its source.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
function storedSettings(kept: HeaderMap, now: number): Record<string, string> {
  const until = Date.parse(kept[LOCK_UNTIL] ?? '');
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(kept)) {
    const lapsed = (name === LOCK_MODE || name === LOCK_UNTIL) && !(until > now);
    if (name.startsWith(SSE) || (name.startsWith(LOCK) && value !== 'OFF' && !lapsed)) settings[name] = value;
  }
  return settings;
}
