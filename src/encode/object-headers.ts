import { UsageError } from '../errors.js';
import { requestHeaders } from '../options/connection.js';
import { type HeaderMap, type HeaderValues, type PutOptions, SSE_METHODS, STORAGE_CLASSES } from '../options/types.js';
import { oneOf, shown } from '../options/validate.js';
import { msg, option, type Text } from '../report/message.js';
import { guessContentType } from './content-type.js';
import {
  checkedValue,
  checkHeaderName,
  GRANT_PREFIX,
  MAX_METADATA_BYTES,
  METADATA_PREFIX,
  normalizeHeaders,
  taggingHeader,
} from './header-syntax.js';

/** The options that set the headers of an object. If `headers` is a function, the caller calls it for each item. */
export interface HeaderOptions
  extends Pick<
    PutOptions,
    | 'contentType'
    | 'cacheControl'
    | 'contentEncoding'
    | 'contentDisposition'
    | 'contentLanguage'
    | 'expires'
    | 'websiteRedirect'
    | 'acl'
    | 'metadata'
    | 'storageClass'
    | 'sse'
    | 'sseKmsKeyId'
    | 'tagging'
    | 'requestPayer'
    | 'expectedBucketOwner'
  > {
  readonly headers?: HeaderValues | undefined;
}

/**
 * Final headers of one object, names in lower case.
 * @param own headers of the item itself: those given with it, and what the `headers` function returned for it
 * @param lowest headers that all others override, except the guessed content type; names in lower case
 * @throws UsageError for headers of the item that S3 cannot take
 */
export type ObjectHeaders = (key: string, own?: HeaderValues, lowest?: HeaderMap) => Record<string, string>;

/**
 * Checks the options once and returns a function for the objects. Lowest precedence first: the guessed content type, the headers of a preset, the
 * `headers` option, the options for single headers (`contentType`, `acl`, `tagging` …), the item's own headers. An
 * item's own ACL or grants replace those of the options, and so does its own encryption.
 * @throws UsageError that names the header or option and the fix
 */
export function prepareObjectHeaders(options: HeaderOptions): ObjectHeaders {
  const constant = givenHeaders(options);
  return (key, own, lowest) => {
    if (own === undefined) {
      if ('content-type' in constant) return { ...lowest, ...constant };
      return { 'content-type': guessContentType(key), ...lowest, ...constant };
    }
    const given = overlaid(constant, normalizeHeaders(own));
    return checkTogether({ 'content-type': guessContentType(key), ...lowest, ...given });
  };
}

/** The headers that one option gives every object, names in lower case. */
export interface OptionHeaders {
  readonly option: keyof HeaderOptions;
  readonly headers: HeaderMap;
}

/**
 * The headers that each option gives every object. The lowest comes first: options for single headers override the `headers` option.
 * @throws UsageError that names the header or option and the fix
 */
export function headersByOption(options: HeaderOptions): readonly OptionHeaders[] {
  const named = namedHeaders(options);
  return [{ option: 'headers', headers: normalizeHeaders(options.headers ?? {}) }, ...named];
}

/**
 * The headers that the options give every object, names in lower case.
 * @throws UsageError that names the header or option and the fix
 */
export function givenHeaders(options: HeaderOptions): Record<string, string> {
  const headers: Record<string, string> = Object.assign({}, ...headersByOption(options).map((one) => one.headers));
  return checkTogether(headers, options.sseKmsKeyId === undefined ? undefined : 'sseKmsKeyId');
}

/** As {@link prepareObjectHeaders} makes them, for a single object. @internal */
export function objectHeaders(key: string, options: HeaderOptions, own?: HeaderValues): Record<string, string> {
  return prepareObjectHeaders(options)(key, own);
}

/** Headers whose options have just their value. */
export const SINGLE_HEADERS = {
  'cache-control': 'cacheControl',
  'content-disposition': 'contentDisposition',
  'content-encoding': 'contentEncoding',
  'content-language': 'contentLanguage',
  expires: 'expires',
  'x-amz-website-redirect-location': 'websiteRedirect',
} as const;

function namedHeaders(options: HeaderOptions): readonly OptionHeaders[] {
  const { contentType = 'guess', acl, storageClass, sse, sseKmsKeyId, tagging, requestPayer } = options;
  const { expectedBucketOwner } = options;
  const named: OptionHeaders[] = [];
  const add = (option: keyof HeaderOptions, headers: HeaderMap): unknown => named.push({ option, headers });
  // Includes headers of requests, so that they, too, override the `headers` option.
  add('expectedBucketOwner', requestHeaders({ expectedBucketOwner }));
  add('requestPayer', requestHeaders({ requestPayer }));
  if (contentType !== 'guess') add('contentType', { 'content-type': checkedValue('content-type', contentType) });
  for (const [name, option] of Object.entries(SINGLE_HEADERS)) {
    const value = options[option];
    if (value !== undefined) add(option, { [name]: checkedValue(name, value) });
  }
  if (acl !== undefined) add('acl', { 'x-amz-acl': checkedValue('x-amz-acl', acl) });
  if (storageClass !== undefined)
    add('storageClass', { 'x-amz-storage-class': oneOf('storageClass', storageClass, STORAGE_CLASSES) });
  if (sse !== undefined) add('sse', { [SSE]: checkedValue(SSE, oneOf('sse', sse, SSE_METHODS)) });
  if (sseKmsKeyId !== undefined) add('sseKmsKeyId', { [KMS_KEY]: checkedValue(KMS_KEY, sseKmsKeyId) });
  const tags = tagging === undefined ? undefined : taggingHeader(tagging);
  if (tags !== undefined) add('tagging', { 'x-amz-tagging': tags });
  add('metadata', metadataHeaders(options));
  return named;
}

function metadataHeaders({ metadata }: HeaderOptions): HeaderMap {
  if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)))
    throw new UsageError(msg`{metadata} is ${shown(metadata)}; it must be an object.`, "Give { name: 'value' }.");
  const headers: Record<string, string> = {};
  for (const [written, value] of Object.entries(metadata ?? {})) {
    const name = written.trim().toLowerCase();
    if (name === '' || name.startsWith(METADATA_PREFIX)) {
      throw new UsageError(
        `The metadata name ${JSON.stringify(written)} cannot be used.`,
        `Names are written without "${METADATA_PREFIX}".`,
      );
    }
    checkHeaderName(METADATA_PREFIX + name);
    headers[METADATA_PREFIX + name] = checkedValue(METADATA_PREFIX + name, value);
  }
  return headers;
}

/**
 * Headers with others that override them. An ACL or grants replace all access headers below, and encryption all encryption
 * headers. Names are in lower case.
 */
export function overlaid(below: HeaderMap, above: HeaderMap): HeaderMap {
  const inherited = Object.keys(above).some(isAccess) ? withoutAccess(below) : below;
  return { ...withoutReplacedEncryption(inherited, above), ...above };
}

function isAccess(name: string): boolean {
  return name === 'x-amz-acl' || name.startsWith(GRANT_PREFIX);
}

function withoutAccess(headers: HeaderMap): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isAccess(name)));
}

/**
 * Checks headers in combination, and returns them.
 * @param kmsKeyName the option that gave a KMS key, where not its header
 * @throws UsageError for more metadata than S3 accepts, and for an ACL together with grants
 */
export function checkTogether(headers: Record<string, string>, kmsKeyName?: string): Record<string, string> {
  let metadataBytes = 0;
  let grants: string | undefined;
  for (const name in headers) {
    // Names and values are ASCII: a character is a byte.
    const value = headers[name] ?? '';
    // An empty value is not sent.
    if (name.startsWith(METADATA_PREFIX)) {
      if (value !== '') metadataBytes += name.length - METADATA_PREFIX.length + value.length;
    } else if (name.startsWith(GRANT_PREFIX)) grants = name;
  }
  if (metadataBytes > MAX_METADATA_BYTES) {
    throw new UsageError(`The user metadata has ${metadataBytes.toLocaleString('en')} bytes; S3 takes at most 2,048.`);
  }
  if (grants !== undefined && 'x-amz-acl' in headers) {
    throw new UsageError(
      `An ACL ("${headers['x-amz-acl']}") and grants ("${grants}") exclude each other.`,
      'S3 takes one of the two: give one.',
    );
  }
  checkEncryption(headers, kmsKeyName);
  return headers;
}

export const SSE = 'x-amz-server-side-encryption';
export const KMS_KEY: string = `${SSE}-aws-kms-key-id`;
/** What the names of headers with a customer's key begin with. */
export const CUSTOMER_KEY: string = `${SSE}-customer-`;

/**
 * Refuses what S3 would refuse for every object: a KMS key without KMS encryption, or a customer's key together with either.
 * @param keyName the option or header that gave the key
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-kms-encryption.html
 * @throws UsageError that names the fix
 */
function checkEncryption(headers: HeaderMap, keyName: string = `"${KMS_KEY}"`): void {
  const { [SSE]: sse, [KMS_KEY]: key } = headers;
  if (sse === undefined && key === undefined) return;
  if (key !== undefined && !isKms(sse)) {
    throw new UsageError(
      msg`${option(keyName)} names a KMS key, but the requested encryption is ${sse === undefined ? "the bucket's own" : JSON.stringify(sse)}.`,
      KMS_FIX,
    );
  }
  const customer = Object.keys(headers).find(isCustomer);
  if (customer !== undefined) {
    throw new UsageError(
      `The encryption ${JSON.stringify(sse)} and a key of your own ("${customer}") exclude each other.`,
      'S3 takes one of the two: give one.',
    );
  }
}

/**
 * The inherited headers that are compatible with an item's own encryption: another method or a customer's key replaces all
 * headers of the inherited one, while `aws:kms` and `aws:kms:dsse` can share a key.
 */
function withoutReplacedEncryption(inherited: HeaderMap, own: HeaderMap): HeaderMap {
  const method = own[SSE];
  const customer = Object.keys(own).some(isCustomer);
  if (method === undefined && !customer) return inherited;
  const replaced = (name: string): boolean => {
    if (!name.startsWith(SSE)) return false;
    return customer ? !isCustomer(name) : isCustomer(name) || !isKms(method);
  };
  return Object.fromEntries(Object.entries(inherited).filter(([name]) => !replaced(name)));
}

/** The fix for a KMS key that nothing uses. */
export const KMS_FIX: Text = msg`Set {sse} to "aws:kms" or "aws:kms:dsse" too, or leave the key out.`;

/** Whether these headers request KMS encryption. */
export function asksForKms({ [SSE]: method }: HeaderMap): boolean {
  return isKms(method);
}

function isKms(method: string | undefined): boolean {
  return method?.startsWith('aws:kms') ?? false;
}

function isCustomer(name: string): boolean {
  return name.startsWith(CUSTOMER_KEY);
}
