import { UsageError } from '../errors.js';
import { copyPrefix, parseAddress, withSlash } from '../model/key.js';
import { compareKeys } from '../model/key-order.js';
import { addressHint } from '../model/web-address.js';
import { maskAddress } from '../report/mask-secrets.js';
import { msg } from '../report/message.js';

/** What is copied: the keys with a prefix, or one key. */
export type Selection =
  /** All keys with this prefix. `orKey`: the one key to copy if there are none. */
  | { readonly kind: 'prefix'; readonly prefix: string; readonly orKey?: string | undefined }
  | { readonly kind: 'key'; readonly key: string; readonly versionId: string | undefined };

/** What a copy reads, and how keys of the source become keys of the destination. */
export interface CopyPaths {
  readonly sourceBucket: string;
  readonly bucket: string;
  /** Ascending and without overlap, so that they yield objects in key order. */
  readonly selections: readonly Selection[];
  /** What every selected key begins with, and what the copy removes from it. */
  readonly base: string;
  /** What the copy puts before the rest of the key: empty, or ends in `/`. */
  readonly prefix: string;
}

interface CopyAddresses {
  readonly source: string;
  readonly destination: string;
  /** Keys and prefixes are both undefined for everything below the source. */
  readonly keys: readonly { readonly key: string; readonly versionId: string | undefined }[] | undefined;
  readonly prefixes: readonly string[] | undefined;
}

/**
 * The path rule, like `cp -r`: the last component of the source's path is kept, unless it is a `*`.
 *
 * | source                | destination     | `folder-001/test-001` becomes |
 * |-----------------------|-----------------|-------------------------------|
 * | `s3://a`              | `s3://b`        | `folder-001/test-001`         |
 * | `s3://a`              | `s3://b/foo`    | `foo/folder-001/test-001`     |
 * | `s3://a/folder-001`   | `s3://b`        | `folder-001/test-001`         |
 * | `s3://a/folder-001/*` | `s3://b`        | `test-001`                    |
 *
 * Slashes at the end change nothing; all others are part of the keys, on both sides. `p*` copies all keys that begin with `p`. Keys and prefixes
 * that the options name are relative to the source's path, which is removed from the copies' keys.
 * @throws UsageError for any other pattern
 */
export function copyPaths({ source, destination, keys, prefixes }: CopyAddresses): CopyPaths {
  const from = s3Address('source', source);
  const to = s3Address('destination', destination);
  const pattern = /[*?[]/.exec(to.path)?.[0];
  if (pattern !== undefined) throw new UsageError(`The destination "${destination}" holds the pattern "${pattern}".`);
  const prefix = copyPrefix(to.path);
  const shared = { sourceBucket: from.bucket, bucket: to.bucket, prefix };
  if (keys === undefined && prefixes === undefined) return { ...shared, ...byPath(source, from.path) };
  if (/[*?[]/.test(from.path))
    throw new UsageError(
      `The source "${source}" holds a pattern, and keys or prefixes are named as well.`,
      'Name the bucket or a folder as the source: keys and prefixes stand below it.',
    );
  const base = withSlash(from.path);
  const selections: Selection[] = [
    ...(prefixes ?? []).map((name) => ({ kind: 'prefix', prefix: base + name }) as const),
    ...(keys ?? []).map(
      ({ key, versionId }) => ({ kind: 'key', key: base + nonEmpty('key', key), versionId }) as const,
    ),
  ];
  return { ...shared, base, selections: inOrder(selections) };
}

function byPath(source: string, path: string): Pick<CopyPaths, 'base' | 'selections'> {
  const star = path.indexOf('*');
  const other = /[?[]|\{[^{},]*,[^{}]*\}/.exec(path)?.[0] ?? (star >= 0 && star < path.length - 1 ? '*' : undefined);
  if (other !== undefined)
    throw new UsageError(
      `The source "${source}" holds the pattern "${other}".`,
      msg`One "*" at the end is all a source may hold. Choose by {include} or {exclude}; keys that hold such characters are named in {keysFile}.`,
    );
  if (star >= 0) {
    const prefix = path.slice(0, star);
    return { base: folderOf(prefix), selections: [{ kind: 'prefix', prefix }] };
  }
  const folder = withSlash(path);
  if (folder === '') return { base: '', selections: [{ kind: 'prefix', prefix: '' }] };
  const key = folder.slice(0, -1);
  return { base: folderOf(key), selections: [{ kind: 'prefix', prefix: folder, orKey: key }] };
}

/** Everything up to the last slash. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function nonEmpty(option: string, text: string): string {
  if (text === '') throw new UsageError(`A ${option} is empty.`, 'Name what is copied, or leave it out.');
  return text;
}

function s3Address(option: 'source' | 'destination', text: string): { readonly bucket: string; readonly path: string } {
  if (/^s3:\/\//i.test(text)) return parseAddress(text, option);
  const hint =
    addressHint(text) ??
    (option === 'source'
      ? 'A copy goes from bucket to bucket; local files are the work of put.'
      : 'A copy goes from bucket to bucket; downloads are not supported.');
  throw new UsageError(`The ${option} "${maskAddress(text)}" is not a bucket: it must begin with s3://.`, hint);
}

/** Sorts the selections, and selects each key once. */
function inOrder(selections: readonly Selection[]): Selection[] {
  const start = (one: Selection) => (one.kind === 'key' ? one.key : one.prefix);
  const sorted = selections.toSorted((a, b) => compareKeys(start(a), start(b)) || (a.kind === 'prefix' ? -1 : 1));
  const kept: Selection[] = [];
  let covering: string | undefined;
  for (const one of sorted) {
    const last = kept.at(-1);
    if (one.kind === 'key' && last?.kind === 'key' && last.key === one.key) {
      if (last.versionId !== one.versionId)
        throw new UsageError(`Two versions of the key "${one.key}" are named, and both would have one key.`);
      continue;
    }
    if (covering !== undefined && start(one).startsWith(covering)) {
      if (one.kind === 'key' && one.versionId !== undefined)
        throw new UsageError(`A version of the key "${one.key}" is named, and the prefix "${covering}" holds it too.`);
      continue;
    }
    if (one.kind === 'prefix') covering = one.prefix;
    kept.push(one);
  }
  return kept;
}
