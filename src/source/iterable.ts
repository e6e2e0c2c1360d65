import { ReadStream, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { SourceError } from '../errors.js';
import { bytesContent, type Content } from '../model/content.js';
import { FILE_PHASES } from '../model/site-phases.js';
import { checkedGzip, definedHeaders } from '../options/common.js';
import { checkedCompress, onlyOneOn } from '../options/compression.js';
import { CLEAN_URLS } from '../options/site-types.js';
import { nearest, suggestion } from '../options/suggest.js';
import type { HeaderValues, ItemBody, PutItem, WebStream } from '../options/types.js';
import { msg } from '../report/message.js';
import { BODY_ORIGINS } from '../report/origin.js';
import { untilAborted } from '../run/abort.js';
import { blobContent, brokenTarget, openFileBy, readError, readOnce, readWhole, trueSize } from './file.js';
import { workingDirectory } from './named.js';
import { type Grow, type OneShotStream, oneShotStream } from './stream.js';
import type { Entry, Found, ReadPolicy, Unusable } from './types.js';

/** Turns the items of an iterable into entries. An invalid item fails by itself. */
export async function* walkIterable(
  items: Iterable<PutItem> | AsyncIterable<PutItem>,
  keyPrefix: string,
  reads: ReadPolicy,
  signal: AbortSignal,
): AsyncGenerator<Found, void> {
  for await (const item of untilAborted(items, signal)) {
    yield await entryOfItem(item, keyPrefix, reads);
  }
}

async function entryOfItem(item: PutItem, keyPrefix: string, reads: ReadPolicy): Promise<Found> {
  const problem = itemProblem(item);
  const name = typeof item?.key === 'string' ? item.key : String(item?.key);
  if (problem !== undefined)
    return failedItem(keyPrefix + name, '(item)', new SourceError('InvalidItem', problem), item?.onSettled);
  const { body, onSettled: settled } = item;
  const key = item.absoluteKey === true ? name : keyPrefix + name;
  if (item.leftOut === true) {
    settled?.();
    return { kind: 'leftOut', key, below: false, ...(item.cleanUrls !== undefined && { cleanUrls: item.cleanUrls }) };
  }
  const origin = item.origin ?? originOf(body);
  if (body instanceof Error) return failedItem(key, origin, body, settled);
  try {
    const known = sizeOf(body, item.size, reads);
    const size = known instanceof Promise ? await known : known;
    const readable = isWebStream(body) ? fromWebStream(body) : body;
    const stream = readable instanceof Readable ? oneShotStream(readable, item.size) : undefined;
    const fileName = fileNameOf(body);
    const headers = headersOf(item);
    return {
      kind: 'entry',
      key,
      origin,
      relativePath: name,
      size,
      ...(headers !== undefined && { headers }),
      ...compressionOf(item),
      ...(item.phase !== undefined && { phase: item.phase }),
      ...(item.cleanUrls !== undefined && { cleanUrls: item.cleanUrls }),
      ...(item.typeName !== undefined && { typeName: item.typeName }),
      ...(fileName !== undefined && { fileName }),
      ...(settled !== undefined && { settled }),
      ...(item.onHeld !== undefined && { held: item.onHeld }),
      ...(stream !== undefined && { buffered: true, stream }),
      open: stream === undefined ? opener(body as WholeBody, reads) : onceCollected(stream),
      ...(isPath(body) &&
        (size === undefined
          ? readOnce({ path: body.path }, reads)
          : { readWhole: (lender) => readWhole({ path: body.path }, reads, lender) })),
    };
  } catch (error) {
    return failedItem(key, origin, error as Error, settled);
  }
}

/** The item's own headers; `contentType` and `cacheControl` override those of the same names. */
function headersOf({ headers: given, contentType, cacheControl }: PutItem): HeaderValues | undefined {
  const headers = given === undefined ? undefined : definedHeaders(given);
  if (contentType === undefined && cacheControl === undefined) return headers;
  const named: Record<string, string> = {};
  if (contentType !== undefined && contentType !== 'guess') named['content-type'] = contentType;
  if (cacheControl !== undefined) named['cache-control'] = cacheControl;
  const others = Object.entries(headers ?? {}).filter(([name]) => !(name.trim().toLowerCase() in named));
  return { ...Object.fromEntries(others), ...named };
}

function compressionOf({ gzip, compress }: PutItem): Pick<Entry, 'gzip' | 'compress'> {
  if (gzip === undefined && compress === undefined) return {};
  return onlyOneOn(gzip === undefined ? undefined : checkedGzip('gzip', gzip), checkedCompress('compress', compress));
}

function failedItem(key: string, origin: string, error: Error, settled: PutItem['onSettled']): Unusable {
  return { kind: 'unusable', action: 'fail', key, origin, reason: error.message, error, settled };
}

/** What an item can say. */
const FIELDS: ReadonlySet<string> = new Set<keyof PutItem>([
  'key',
  'body',
  'absoluteKey',
  'size',
  'headers',
  'contentType',
  'cacheControl',
  'gzip',
  'compress',
  'leftOut',
  'phase',
  'cleanUrls',
  'typeName',
  'origin',
  'onSettled',
  'onHeld',
]);

type AnyItem = { readonly [Name in keyof PutItem]?: unknown };

function itemProblem(item: AnyItem | null): string | undefined {
  if (typeof item !== 'object' || item === null || item instanceof Uint8Array)
    return `an item of the source is ${kindOf(item)}; it must be {key, body}`;
  if (typeof item.key !== 'string') return `an item's key is ${typeof item.key}; it must be a string`;
  for (const field in item) {
    const problem = FIELDS.has(field) ? fieldProblem(field as keyof PutItem, item) : unknownField(field);
    if (problem !== undefined) return `the item "${item.key}" ${problem}`;
  }
  if (isBody(item.body) || item.body instanceof Error || item.leftOut === true) return undefined;
  return `the item "${item.key}" has no usable body; ${bodyHint(item.body)}`;
}

function kindOf(item: unknown): string {
  if (item === null) return 'null';
  return typeof item === 'object' ? 'bytes' : typeof item;
}

function fieldProblem(field: keyof PutItem, item: AnyItem): string | undefined {
  const value = item[field];
  if (value === undefined) return undefined;
  switch (field) {
    case 'size':
      return Number.isSafeInteger(value) && Number(value) >= 0
        ? undefined
        : `has size ${String(value)}; it must be a number of bytes`;
    case 'onSettled':
    case 'onHeld':
      return typeof value === 'function' ? undefined : `has an ${field} that is not a function`;
    case 'typeName':
    case 'origin':
    case 'contentType':
    case 'cacheControl':
      return typeof value === 'string' ? undefined : `has a ${field} that is ${typeof value}; it must be a string`;
    case 'absoluteKey':
    case 'leftOut':
      return typeof value === 'boolean'
        ? undefined
        : `has ${field === 'absoluteKey' ? 'an' : 'a'} ${field} that is ${typeof value}; it must be true or false`;
    case 'cleanUrls':
      return value === false || CLEAN_URLS.some((one) => one === value)
        ? undefined
        : `has cleanUrls ${JSON.stringify(value)}; it must be one of: ${CLEAN_URLS.join(', ')}, or false`;
    case 'phase':
      return FILE_PHASES.some((phase) => phase === value)
        ? undefined
        : `has the phase ${JSON.stringify(value)}; it must be one of: ${FILE_PHASES.join(', ')}`;
    case 'headers':
      return typeof value === 'object' && !Array.isArray(value)
        ? undefined
        : `has headers that are ${Array.isArray(value) ? 'a list' : typeof value}; they must be an object`;
    default:
      return undefined;
  }
}

/** Options of a put that set one header, and headers themselves, which stand beside the body by mistake. */
function unknownField(field: string): string {
  const header = HEADERS_BY_OPTION.get(field.toLowerCase().replaceAll(/[^a-z]/g, ''));
  const near = header === undefined ? suggestion(nearest(kebab(field), FIELD_NAMES.keys()).map(fieldOf)) : undefined;
  const hint = header === undefined ? near : `Give it as headers: {'${header}': …}.`;
  return `has the unknown field "${field}". ${hint ?? `Fields are: ${[...FIELDS].join(', ')}.`}`;
}

const HEADERS_BY_OPTION: ReadonlyMap<string, string> = new Map([
  ['contentencoding', 'Content-Encoding'],
  ['contentdisposition', 'Content-Disposition'],
  ['contentlanguage', 'Content-Language'],
  ['expires', 'Expires'],
  ['websiteredirect', 'x-amz-website-redirect-location'],
  ['websiteredirectlocation', 'x-amz-website-redirect-location'],
  ['acl', 'x-amz-acl'],
  ['storageclass', 'x-amz-storage-class'],
  ['sse', 'x-amz-server-side-encryption'],
  ['serversideencryption', 'x-amz-server-side-encryption'],
  ['tagging', 'x-amz-tagging'],
  ['tags', 'x-amz-tagging'],
  ['metadata', 'x-amz-meta-name'],
]);

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Fields by how they are compared with unknown ones, and by what other tools call them. */
const FIELD_NAMES: ReadonlyMap<string, string> = new Map([
  ...[...FIELDS].map((name) => [kebab(name), name] as const),
  ['mime-type', 'contentType'],
  ['mime', 'contentType'],
  ['content', 'body'],
  ['contents', 'body'],
  ['data', 'body'],
  ['path', 'key'],
  ['name', 'key'],
  ['content-length', 'size'],
]);

function fieldOf(name: string): string {
  return FIELD_NAMES.get(name) ?? name;
}

const BODY_KINDS = 'give a Buffer, string, Blob, Readable, ReadableStream or {path}';

function bodyHint(body: unknown): string {
  if (body instanceof Response)
    return 'it is a Response, which may be that of an error: check response.ok, and give response.body';
  return BODY_KINDS;
}

function isBody(body: unknown): body is ItemBody {
  if (typeof body === 'string' || body instanceof Uint8Array || body instanceof Blob || body instanceof Readable)
    return true;
  if (typeof body !== 'object' || body === null) return false;
  return isWebStream(body) || ('path' in body && typeof body.path === 'string');
}

/** A body that can be read more than once. */
type WholeBody = Exclude<ItemBody, Readable | WebStream>;

/** Of any implementation: programs may have a polyfill. */
function isWebStream(body: unknown): body is WebStream {
  return typeof body === 'object' && body !== null && 'getReader' in body && typeof body.getReader === 'function';
}

/** A web stream as a Node stream. Its end before the last byte cancels the web stream, so that a connection behind it closes. */
function fromWebStream(body: WebStream): Readable {
  if (body.locked)
    throw new SourceError('InvalidItem', 'the body is a ReadableStream that is locked: something else reads it');
  const reader = body.getReader();
  return new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      reader.read().then(
        ({ done, value }: { readonly done: boolean; readonly value?: unknown }) =>
          // A null would end the stream.
          this.push(done ? null : value instanceof ArrayBuffer ? new Uint8Array(value) : (value ?? false)),
        (error) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    destroy(error, closed) {
      // Its own cleanup may take long, or fail; nothing waits for it.
      reader.cancel(error).catch(() => {});
      closed(error);
    },
  });
}

function isPath(body: ItemBody): body is { readonly path: string } {
  return (
    typeof body === 'object' &&
    !(body instanceof Uint8Array || body instanceof Blob || body instanceof Readable || isWebStream(body))
  );
}

function originOf(body: ItemBody | Error): string {
  if (body instanceof Error) return '(item)';
  if (typeof body === 'string') return BODY_ORIGINS.string;
  if (body instanceof Uint8Array) return BODY_ORIGINS.buffer;
  if (body instanceof Blob) return BODY_ORIGINS.blob;
  return isPath(body) ? body.path : BODY_ORIGINS.stream;
}

/** The name of the body's file, where it has one. */
function fileNameOf(body: ItemBody): string | undefined {
  if (typeof body === 'string' || body instanceof Uint8Array) return undefined;
  if (body instanceof Blob) return 'name' in body && typeof body.name === 'string' ? body.name : undefined;
  if (!isPath(body) && !(body instanceof ReadStream)) return undefined;
  return typeof body.path === 'string' ? body.path : undefined;
}

/** Synchronous where possible, because awaiting each of many items takes long. Undefined where only reading shows it. */
function sizeOf(
  body: ItemBody,
  size: number | undefined,
  reads: ReadPolicy,
): number | undefined | Promise<number | undefined> {
  if (typeof body === 'string') return Buffer.byteLength(body);
  if (body instanceof Uint8Array) return body.byteLength;
  if (body instanceof Blob) return body.size;
  return isPath(body) ? sizeOfFile(body.path, reads) : size;
}

function sizeOfFile(path: string, reads: ReadPolicy): number | undefined | Promise<number | undefined> {
  const failed = (error: unknown): never => {
    throw missingFile(path, error) ?? readError(path, error);
  };
  if (!reads.sync) return stat(path).then((found) => trueSize(path, found), failed);
  try {
    return trueSize(path, statSync(path));
  } catch (error) {
    return failed(error);
  }
}

/** The error for an item's file that was never there: nothing has listed it before. Undefined for other errors, and for a broken link. */
function missingFile(path: string, error: unknown): SourceError | undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || brokenTarget(path) !== undefined) return undefined;
  const at = isAbsolute(path) ? '' : `; it was looked for at ${resolve(workingDirectory(), path)}`;
  return new SourceError('ENOENT', `${path} does not exist (ENOENT)${at}`, {
    hint: msg`Check the path in the body of the item; {relativePaths}.`,
    cause: error,
  });
}

function opener(body: WholeBody, reads: ReadPolicy): Entry['open'] {
  if (typeof body === 'string') return async () => bytesContent(Buffer.from(body));
  if (body instanceof Uint8Array) return async () => bytesContent(body);
  if (body instanceof Blob) return async () => blobContent(body);
  return () => openFileBy(reads, { path: body.path });
}

/** A stream can be read only once, but requests may be retried: keeps its bytes from the first open on. */
function onceCollected(stream: OneShotStream): Entry['open'] {
  let collected: Promise<Content> | undefined;
  return (grow: Grow, signal: AbortSignal) => {
    collected ??= stream.readHead(Number.POSITIVE_INFINITY, grow, signal).then(() => bytesContent(stream.whole()));
    return collected;
  };
}
