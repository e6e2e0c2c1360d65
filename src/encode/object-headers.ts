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
 * @throws UsageError for headers of the item that S3 cannot take
 */
export type ObjectHeaders = (key: string, own?: HeaderValues) => Record<string, string>;

/**
 * Checks the options once and returns a function for the objects. Lowest precedence first: the guessed content type, the
 * `headers` option, the options for single headers (`contentType`, `acl`, `tagging` …), the item's own headers. An
 * item's own ACL or grants replace those of the options, and so does its own encryption.
 * @throws UsageError that names the header or option and the fix
 */
export function prepareObjectHeaders(options: HeaderOptions): ObjectHeaders {
  const constant = givenHeaders(options);
  return (key, own) => {
    if (own === undefined) {
      return 'content-type' in constant ? { ...constant } : { 'content-type': guessContentType(key), ...constant };
    }
    return checkTogether({ 'content-type': guessContentType(key), ...overlaid(constant, normalizeHeaders(own)) });
  };
}

/**
 * The headers that the options give every object, names in lower case.
 * @throws UsageError that names the header or option and the fix
 */
export function givenHeaders(options: HeaderOptions): Record<string, string> {
  const named = namedHeaders(options);
  const general = normalizeHeaders(options.headers ?? {});
  return checkTogether({ ...general, ...named }, options.sseKmsKeyId === undefined ? undefined : 'sseKmsKeyId');
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

function namedHeaders(options: HeaderOptions): Record<string, string> {
  const { contentType = 'guess', acl, metadata, storageClass, tagging } = options;
  // Includes headers of requests, so that they, too, override the `headers` option.
  const headers: Record<string, string> = { ...requestHeaders(options) };
  if (contentType !== 'guess') headers['content-type'] = checkedValue('content-type', contentType);
  for (const [name, option] of Object.entries(SINGLE_HEADERS)) {
    const value = options[option];
    if (value !== undefined) headers[name] = checkedValue(name, value);
  }
  if (acl !== undefined) headers['x-amz-acl'] = checkedValue('x-amz-acl', acl);
  if (storageClass !== undefined) headers['x-amz-storage-class'] = oneOf('storageClass', storageClass, STORAGE_CLASSES);
  for (const [name, value] of Object.entries(encryptionHeaders(options))) headers[name] = checkedValue(name, value);
  const tags = tagging === undefined ? undefined : taggingHeader(tagging);
  if (tags !== undefined) headers['x-amz-tagging'] = tags;
  if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)))
    throw new UsageError(msg`{metadata} is ${shown(metadata)}; it must be an object.`, "Give { name: 'value' }.");
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
 * The headers for the options `sse` and `sseKmsKeyId`.
 * @throws UsageError for an unknown method
 */
function encryptionHeaders({ sse, sseKmsKeyId }: Pick<PutOptions, 'sse' | 'sseKmsKeyId'>): Record<string, string> {
  return {
    ...(sse !== undefined && { [SSE]: oneOf('sse', sse, SSE_METHODS) }),
    ...(sseKmsKeyId !== undefined && { [KMS_KEY]: sseKmsKeyId }),
  };
}

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
