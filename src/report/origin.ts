import { join, posix, sep } from 'node:path';
import type { Outcome } from './types.js';

/** The origins of bodies that are no file. They say nothing about where the bytes come from, so lines leave them out. */
export const BODY_ORIGINS = { string: '(string)', buffer: '(buffer)', blob: '(blob)', stream: '(stream)' } as const;

const NO_PLACES: ReadonlySet<string> = new Set(Object.values(BODY_ORIGINS));

/** Whether an origin says where the bytes come from, or only what kind of body they are. */
export function isPlace(origin: string): boolean {
  return !NO_PLACES.has(origin);
}

/** Which origins of a run follow from the keys: the first line of the run names the source, so that a line need not repeat it. */
export interface OriginRule {
  /** What stands before the rest of the key in an origin; undefined where no origin follows from its key. */
  readonly base: string | undefined;
  /** What stands before that rest in the key: empty, or ends in `/`. */
  readonly prefix: string;
  /** The source, where it may be a single file: its object has its base name. */
  readonly file?: string;
}

/** Origins are shown on every line. */
export const NO_RULE: OriginRule = { base: undefined, prefix: '' };

/**
 * The rule of a put. With one source the origin follows from the key where the key is made in the usual way, from the path below the source.
 * With several sources no line says which of them it is about, so each names its origin.
 */
export function originsOfPut(sources: readonly unknown[], prefix: string): OriginRule {
  const [only] = sources;
  if (typeof only !== 'string' || sources.length !== 1) return NO_RULE;
  // As a walk joins the directory and the names in it.
  const base = slashes(join(only, 'x').slice(0, -1));
  return { base, prefix, file: slashes(only) };
}

/** The rule of a copy: every key of the source begins with `base`, which becomes `prefix`. */
export function originsOfCopy(sourceBucket: string, base: string, prefix: string): OriginRule {
  return { base: `s3://${sourceBucket}/${base}`, prefix };
}

/** The rule of a deletion: the origin of each key is its own address. */
export function originsOfDelete(bucket: string): OriginRule {
  return { base: `s3://${bucket}/`, prefix: '' };
}

/** Whether the origin of an object follows from its key, or is no place at all. */
export function isObvious({ key, origin }: Pick<Outcome, 'key' | 'origin'>, rule: OriginRule): boolean {
  // What is deleted because the source lacks it has none.
  if (origin === '' || !isPlace(origin)) return true;
  const { base, prefix, file } = rule;
  if (base === undefined || !key.startsWith(prefix)) return false;
  const rest = key.slice(prefix.length);
  const from = slashes(origin);
  // Below the source, as its path is written (key base cwd), as a member of an archive, or the single file.
  return (
    (from.length === base.length + rest.length && from.startsWith(base) && from.endsWith(rest)) ||
    (file !== undefined && [rest, `${file}:${rest}`].includes(from)) ||
    (from === file && rest === posix.basename(from))
  );
}

function slashes(path: string): string {
  return sep === '\\' ? path.replaceAll('\\', '/') : path;
}
