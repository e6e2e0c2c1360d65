import { S3RequestError, SourceError } from '../errors.js';
import { MAX_KEY_BYTES } from '../model/key.js';
import { compareKeys, justBelow } from '../model/key-order.js';
import type { CopyPaths, Selection } from '../plan/copy-paths.js';
import type { FetchPage, ListedObject } from '../plan/listing/listed.js';
import type { RemoteObject } from '../s3/bucket.js';
import type { Filter } from './filter.js';
import type { LeftOut, Unusable } from './types.js';

/** An object in the source's bucket that may be copied. */
export interface CopyEntry {
  readonly kind: 'entry';
  /** Key in the destination. */
  readonly key: string;
  /** Label for people: the address of the source's object. */
  readonly origin: string;
  readonly sourceKey: string;
  readonly versionId: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** Unquoted; undefined where the server sends none. */
  readonly etag: string | undefined;
  /** When it was last changed, in ms since 1970; undefined where the server does not say. */
  readonly modified: number | undefined;
  /** Undefined for the default class. */
  readonly storageClass: string | undefined;
  /** The result of a HEAD, where there was one already. */
  readonly head?: RemoteObject | undefined;
}

export interface BucketSourceDeps {
  readonly paths: CopyPaths;
  readonly filter: Filter;
  readonly minSize: number;
  readonly maxSize: number;
  readonly limit: number;
  /** Whether source and destination are in the same bucket. */
  readonly oneBucket: boolean;
  /** Whether what sizes leave out is yielded as `LeftOut`, so that nobody takes its key in the destination for one that the source does not have. */
  readonly leftOut: boolean;
  /** Whether a listing may leave out folders and start anew behind them: only in UTF-8 byte order does that skip nothing else. Asked after each page. */
  readonly mayJump: () => boolean;
  /** Lists the keys with this prefix, page by page. */
  readonly pages: (prefix: string) => FetchPage;
  /** Called for each prefix that no key has. */
  readonly onUnmatched: (prefix: string) => void;
  /** Whether this run copies something, by its key in the destination; by default everything. */
  readonly owns?: ((key: string) => boolean) | undefined;
  /** Called for each object that another run copies, as far as that is known. */
  readonly onOther?: (() => void) | undefined;
  /** Sends a HEAD for one key; undefined where it does not exist. */
  readonly head: (key: string, versionId: string | undefined) => Promise<RemoteObject | undefined>;
}

/** What a walk of the source yields. */
export type CopyFound = CopyEntry | Unusable | LeftOut;

/** HEADs in flight at once. */
const HEADS_AT_ONCE = 64;

/** Walks all selections in key order: prefixes by listing, single keys by HEAD. */
export async function* bucketSource(deps: BucketSourceDeps, signal: AbortSignal): AsyncGenerator<CopyFound, void> {
  const isSource = sourceKeys(deps);
  let taken = 0;
  for await (const one of walkSelections(withOwnKeys(deps), signal)) {
    if (!isNamed(deps, one)) continue;
    if (!hasSize(deps, one)) {
      if (deps.leftOut) yield { kind: 'leftOut', key: keyOf(deps, one), below: false };
      continue;
    }
    const found = toFound(deps, one, isSource);
    if (found.kind === 'entry') taken += 1;
    if (deps.owns?.(found.key) ?? true) yield found;
    else deps.onOther?.();
    if (taken >= deps.limit) return;
  }
}

/** Named keys that another run copies need no HEAD. With a limit they do, because only those that exist count. */
function withOwnKeys(deps: BucketSourceDeps): BucketSourceDeps {
  const { owns, paths, limit } = deps;
  if (owns === undefined || limit !== Number.POSITIVE_INFINITY) return deps;
  const selections = paths.selections.filter((one) => {
    const own = one.kind !== 'key' || owns(keyOf(deps, one));
    if (!own) deps.onOther?.();
    return own;
  });
  return { ...deps, paths: { ...paths, selections } };
}

/** One selected object. */
interface Selected {
  readonly key: string;
  readonly versionId: string | undefined;
  /** Relative to the source's folder; globs see it. */
  readonly relativePath: string;
  /** Undefined where it does not exist, or the HEAD failed. */
  readonly object: RemoteObject | undefined;
  readonly headed: boolean;
  readonly error?: Error;
}

async function* walkSelections(deps: BucketSourceDeps, signal: AbortSignal): AsyncGenerator<Selected, void> {
  const { selections } = deps.paths;
  for (let at = 0; at < selections.length; ) {
    const first = selections[at];
    if (first?.kind === 'prefix') {
      yield* walkPrefix(deps, first);
      at += 1;
      continue;
    }
    const after = selections.findIndex(({ kind }, index) => index > at && kind === 'prefix');
    const keys = selections.slice(at, after < 0 ? undefined : after);
    at += keys.length;
    const { pMapIterable } = await import('p-map');
    yield* pMapIterable(
      keys,
      (one) => {
        signal.throwIfAborted();
        return headKey(deps, one.kind === 'key' ? one : { key: one.prefix, versionId: undefined });
      },
      { concurrency: HEADS_AT_ONCE },
    );
  }
}

async function* walkPrefix(
  deps: BucketSourceDeps,
  { prefix, orKey }: Extract<Selection, { readonly kind: 'prefix' }>,
): AsyncGenerator<Selected, void> {
  const folder = orKey === undefined ? deps.paths.base : prefix;
  const opens = (directory: string) => deps.filter.opens(directory);
  let none = true;
  const { heads } = deps.filter;
  const { mayJump } = deps;
  for await (const object of listPrefix(deps.pages(prefix), { prefix, folder, opens, heads, mayJump })) {
    none = false;
    const { key } = object;
    yield { key, versionId: undefined, relativePath: key.slice(folder.length), object, headed: false };
  }
  // With `heads` the listing skips keys, so it does not prove that there are none; and a glob with a folder cannot match the single object.
  if (!none || heads !== undefined) return;
  if (orKey === undefined) return deps.onUnmatched(prefix);
  const alone = await headKey(deps, { key: orKey, versionId: undefined });
  if (alone.object !== undefined || alone.error !== undefined) yield alone;
}

async function headKey(
  { head, paths }: BucketSourceDeps,
  { key, versionId }: { readonly key: string; readonly versionId: string | undefined },
): Promise<Selected> {
  const named = { key, versionId, relativePath: key.slice(paths.base.length), headed: true };
  try {
    return { ...named, object: await head(key, versionId) };
  } catch (error) {
    if (!(error instanceof S3RequestError)) throw error;
    return { ...named, object: undefined, error };
  }
}

/** Tests whether a key of the destination is also read as a source. The result would then depend on which copy comes first. */
function sourceKeys({ paths: { selections }, oneBucket }: BucketSourceDeps): (key: string) => boolean {
  if (!oneBucket) return () => false;
  const keys = new Set(selections.flatMap((one) => (one.kind === 'key' ? one.key : [])));
  const prefixes = selections.flatMap((one) => (one.kind === 'prefix' ? one.prefix : []));
  return (key) => keys.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
}

function isNamed({ paths, filter }: BucketSourceDeps, one: Selected): boolean {
  // The marker of the folder whose contents are copied.
  return one.key.length !== paths.base.length && filter.takes(one.relativePath);
}

function hasSize({ minSize, maxSize }: BucketSourceDeps, { object }: Selected): boolean {
  const { size } = object ?? {};
  return size === undefined || (size >= minSize && size <= maxSize);
}

/** Its key in the destination. */
function keyOf({ paths: { base, prefix } }: BucketSourceDeps, { key }: Pick<Selected, 'key'>): string {
  return prefix + key.slice(base.length);
}

function toFound(deps: BucketSourceDeps, one: Selected, isSource: (key: string) => boolean): CopyEntry | Unusable {
  const { paths } = deps;
  const { sourceBucket } = paths;
  const key = keyOf(deps, one);
  const origin = originOf(sourceBucket, one.key, one.versionId);
  const failing = (error: Error): Unusable => ({
    kind: 'unusable',
    action: 'fail',
    key,
    origin,
    reason: error.message,
    error,
  });
  if (one.error !== undefined) return failing(one.error);
  const { object } = one;
  if (object === undefined)
    return failing(
      new SourceError('NoSuchKey', `${origin} does not exist`, { hint: 'Check the key, or leave it out.' }),
    );
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES)
    return failing(new SourceError('KeyTooLong', `The key is ${bytes} bytes long in UTF-8; S3 takes at most 1,024.`));
  if (isSource(key))
    return failing(new SourceError('InSource', `s3://${paths.bucket}/${key} is itself part of the source`));
  const { size, etag, headers } = object;
  const modified = object.modified ?? parseTime(headers?.['last-modified']);
  const storageClass = object.storageClass ?? headers?.['x-amz-storage-class'];
  const known = { size, etag, modified, storageClass: storageClass === 'STANDARD' ? undefined : storageClass };
  const { key: sourceKey, versionId } = one;
  return { kind: 'entry', key, origin, sourceKey, versionId, ...known, ...(one.headed && { head: object }) };
}

/** The label of an object of a source for people. */
export function originOf(bucket: string, key: string, versionId: string | undefined): string {
  return `s3://${bucket}/${key}${versionId === undefined ? '' : ` (version ${versionId})`}`;
}

function parseTime(date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

export interface PrefixWalk {
  /** Prefix of the listing. */
  readonly prefix: string;
  /** The folder that directories are relative to; all keys begin with it. */
  readonly folder: string;
  /** Whether anything below the directory may be wanted. */
  readonly opens: (directory: string) => boolean;
  /** What all wanted paths begin with: one of these, in ascending order; undefined where there is no such limit. */
  readonly heads?: readonly string[] | undefined;
  readonly mayJump: () => boolean;
}

/**
 * All objects of a listing that may be wanted, page by page. Where a page ends in a directory without wanted objects, or between two heads, the
 * next page starts after that.
 */
async function* listPrefix(list: FetchPage, options: PrefixWalk): AsyncGenerator<ListedObject, void> {
  const { mayJump } = options;
  const first = nextHead(undefined, options);
  if (first === 'none') return;
  let page = await list(first === undefined || !mayJump() ? {} : { startAfter: first });
  const begin = page.objects[0]?.key;
  let jumps = true;
  for (;;) {
    yield* page.objects;
    const { continuationToken } = page;
    if (continuationToken === undefined) return;
    const last = page.objects.at(-1)?.key;
    jumps &&= mayJump();
    const head = last === undefined ? undefined : nextHead(last, options);
    if (head === 'none' && jumps) return;
    const startAfter = head ?? (last === undefined ? undefined : afterClosed(last, options));
    if (startAfter !== undefined && jumps) {
      page = await list({ startAfter });
      if (begin === undefined || page.objects[0]?.key !== begin) continue;
      // The server ignores where a listing is to start: it would begin again each time.
      jumps = false;
    }
    page = await list({ continuationToken });
  }
}

/**
 * Where to continue after this key to reach the next head: undefined for right after the key, `none` where there are no more heads.
 */
function nextHead(last: string | undefined, { prefix, folder, heads }: PrefixWalk): string | 'none' | undefined {
  if (heads === undefined) return undefined;
  // The key may be within a head: then the listing continues from there.
  const next = heads.find(
    (head) => last === undefined || last.startsWith(folder + head) || compareKeys(folder + head, last) > 0,
  );
  if (next === undefined) return 'none';
  if (last?.startsWith(folder + next)) return undefined;
  const below = justBelow(folder + next, prefix);
  return below !== undefined && (last === undefined || compareKeys(below, last) > 0) ? below : undefined;
}

/** Where to continue after this key, if it is in a directory that is not opened. */
function afterClosed(last: string, { prefix, folder, opens }: PrefixWalk): string | undefined {
  for (let slash = last.indexOf('/', folder.length); slash >= 0; slash = last.indexOf('/', slash + 1)) {
    if (opens(last.slice(folder.length, slash))) continue;
    // The first key that can follow a whole directory has the character after the slash.
    const after = justBelow(`${last.slice(0, slash)}0`, prefix);
    return after !== undefined && compareKeys(after, last) > 0 ? after : undefined;
  }
  return undefined;
}
