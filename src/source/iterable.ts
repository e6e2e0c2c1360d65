import { ReadStream, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { SourceError } from '../errors.js';
import { bytesContent, type Content } from '../model/content.js';
import { checkedGzip } from '../options/common.js';
import type { HeaderMap, ItemBody, PutItem } from '../options/types.js';
import { untilAborted } from '../run/abort.js';
import { blobContent, openFileBy, type ReadPolicy, readError, readWhole } from './file.js';
import { type Grow, type OneShotStream, oneShotStream } from './stream.js';
import type { Entry, Found, Unusable } from './types.js';

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
  const origin = item.origin ?? originOf(body);
  try {
    const known = sizeOf(item, reads);
    const size = known instanceof Promise ? await known : known;
    const stream = body instanceof Readable ? oneShotStream(body, item.size) : undefined;
    const fileName = fileNameOf(body);
    return {
      kind: 'entry',
      key,
      origin,
      relativePath: name,
      size,
      ...(item.headers !== undefined && { headers: item.headers }),
      ...(item.gzip !== undefined && { gzip: checkedGzip('gzip', item.gzip) }),
      ...(item.typeName !== undefined && { typeName: item.typeName }),
      ...(fileName !== undefined && { fileName }),
      ...(settled !== undefined && { settled }),
      ...(stream !== undefined && { buffered: true, stream }),
      open: stream === undefined ? opener(body as Exclude<ItemBody, Readable>, reads) : onceCollected(stream),
      ...(isPath(body) && { readWhole: () => readWhole(body.path, reads) }),
    };
  } catch (error) {
    return failedItem(key, origin, error as Error, settled);
  }
}

function failedItem(key: string, origin: string, error: Error, settled: PutItem['onSettled']): Unusable {
  return { kind: 'unusable', action: 'fail', key, origin, reason: error.message, error, settled };
}

function itemProblem(
  item: {
    readonly key?: unknown;
    readonly body?: unknown;
    readonly size?: unknown;
    readonly headers?: HeaderMap;
    readonly onSettled?: unknown;
    readonly typeName?: unknown;
    readonly absoluteKey?: unknown;
  } | null,
): string | undefined {
  if (typeof item !== 'object' || item === null)
    return `an item of the source is ${item === null ? 'null' : typeof item}; it must be {key, body}`;
  if (typeof item.key !== 'string') return `an item's key is ${typeof item.key}; it must be a string`;
  if (item.size !== undefined && !(Number.isSafeInteger(item.size) && Number(item.size) >= 0)) {
    return `the item "${item.key}" has size ${String(item.size)}; it must be a number of bytes`;
  }
  if (item.onSettled !== undefined && typeof item.onSettled !== 'function')
    return `the item "${item.key}" has an onSettled that is not a function`;
  if (item.typeName !== undefined && typeof item.typeName !== 'string')
    return `the item "${item.key}" has a typeName that is ${typeof item.typeName}; it must be a string`;
  if (item.absoluteKey !== undefined && typeof item.absoluteKey !== 'boolean')
    return `the item "${item.key}" has an absoluteKey that is ${typeof item.absoluteKey}; it must be true or false`;
  return isBody(item.body)
    ? undefined
    : `the item "${item.key}" has no usable body; give a Buffer, string, Blob, Readable or {path}`;
}

function isBody(body: unknown): body is ItemBody {
  if (typeof body === 'string' || body instanceof Uint8Array || body instanceof Blob || body instanceof Readable)
    return true;
  return typeof body === 'object' && body !== null && 'path' in body && typeof body.path === 'string';
}

function isPath(body: ItemBody): body is { readonly path: string } {
  return typeof body === 'object' && !(body instanceof Uint8Array || body instanceof Blob || body instanceof Readable);
}

function originOf(body: ItemBody): string {
  if (typeof body === 'string') return '(string)';
  if (body instanceof Uint8Array) return '(buffer)';
  if (body instanceof Blob) return '(blob)';
  return body instanceof Readable ? '(stream)' : body.path;
}

/** The name of the body's file, where it has one. */
function fileNameOf(body: ItemBody): string | undefined {
  if (typeof body === 'string' || body instanceof Uint8Array) return undefined;
  if (body instanceof Blob) return 'name' in body && typeof body.name === 'string' ? body.name : undefined;
  if (body instanceof Readable && !(body instanceof ReadStream)) return undefined;
  return typeof body.path === 'string' ? body.path : undefined;
}

/** Synchronous where possible, because awaiting each of many items takes long. */
function sizeOf({ body, size }: PutItem, reads: ReadPolicy): number | undefined | Promise<number> {
  if (typeof body === 'string') return Buffer.byteLength(body);
  if (body instanceof Uint8Array) return body.byteLength;
  if (body instanceof Blob) return body.size;
  return body instanceof Readable ? size : sizeOfFile(body.path, reads);
}

function sizeOfFile(path: string, reads: ReadPolicy): number | Promise<number> {
  const failed = (error: unknown): never => {
    throw readError(path, error);
  };
  if (!reads.sync) return stat(path).then(({ size }) => size, failed);
  try {
    return statSync(path).size;
  } catch (error) {
    return failed(error);
  }
}

function opener(body: Exclude<ItemBody, Readable>, reads: ReadPolicy): Entry['open'] {
  if (typeof body === 'string') return async () => bytesContent(Buffer.from(body));
  if (body instanceof Uint8Array) return async () => bytesContent(body);
  if (body instanceof Blob) return async () => blobContent(body);
  return () => openFileBy(reads, body.path);
}

/** A stream can be read only once, but requests may be retried: keeps its bytes from the first open on. */
function onceCollected(stream: OneShotStream): Entry['open'] {
  let collected: Promise<Content> | undefined;
  return (grow: Grow, signal: AbortSignal) => {
    collected ??= stream.readHead(Number.POSITIVE_INFINITY, grow, signal).then(() => bytesContent(stream.whole()));
    return collected;
  };
}
