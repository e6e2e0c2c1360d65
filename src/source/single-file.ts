import { statSync } from 'node:fs';
import { basename, posix } from 'node:path';
import { knownContentType } from '../encode/content-type.js';
import { UsageError } from '../errors.js';
import { archiveKind } from '../model/archive-name.js';
import type { SourceInput } from '../options/types.js';
import { given, msg, type Text } from '../report/message.js';
import { resolveSource } from './named.js';
import type { Found } from './types.js';
import { walkTree } from './walk/directory.js';
import type { Tree } from './walk/tree.js';

/**
 * Walks a source that is one file, which gets a key of its own instead of its name.
 * @param key the whole key
 * @throws UsageError where the source does not exist, or is a directory or an archive: they give many objects, and one key is for one
 */
export async function* walkFileAs(tree: Tree, key: string, signal: AbortSignal): AsyncGenerator<Found, void> {
  const { path } = tree;
  const { stat } = resolveSource(path);
  if (stat.isDirectory())
    throw new UsageError(
      msg`The source "${path}" is a directory, and {as} is the key of one file.`,
      msg`Name the file, or leave {as} out: what is in a directory keeps its names below the prefix of the destination.`,
    );
  if (stat.isFile() && archiveKind(path) !== undefined)
    throw new UsageError(
      msg`The source "${path}" is an archive, which is unpacked, and {as} is the key of one file.`,
      msg`Leave {as} out to upload its members. ${howToKeep(path)}`,
    );
  for await (const unit of walkTree(tree, signal)) yield { ...unit, key };
}

/** How an archive is uploaded as the one file that it is. */
function howToKeep(path: string): Text {
  const name = basename(path);
  return msg`To upload the archive itself, name the directory that it is in as the source, with ${given('include', name)}: an archive in a directory is not unpacked. On the command line it can also come from standard input, the source "-", with any name.`;
}

/** A destination as far as it may be meant as the key of a file. */
export interface WrittenDestination {
  readonly sources: readonly SourceInput[];
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
  /** Whether the user ended the prefix with a slash. */
  readonly slashWritten: boolean;
  readonly as: string | undefined;
  readonly key?: unknown;
}

/**
 * The warning for one file whose destination seems to be its key: `page.html` to `s3://bucket/docs/index.html` becomes
 * `docs/index.html/page.html`, as a destination is always a prefix. Undefined where that is meant or there is no sign that it is not.
 */
export function keyLikePrefix(written: WrittenDestination): Text | undefined {
  const { sources, bucket, prefix, slashWritten, as, key } = written;
  const [path] = sources;
  if (prefix === '' || slashWritten || as !== undefined || key !== undefined) return undefined;
  if (typeof path !== 'string' || sources.length > 1 || !isFile(path)) return undefined;
  const whole = prefix.slice(0, -1);
  const name = posix.basename(whole);
  if (!seemsMeant(name, basename(path))) return undefined;
  const below = prefix.slice(0, -1 - name.length);
  const fix =
    archiveKind(path) === undefined
      ? msg`To give it the key "${whole}", use the destination s3://${bucket}/${below} with ${given('as', name)}.`
      : howToKeep(path);
  return msg`The destination s3://${bucket}/${whole} is a prefix, although it looks like the key of a file: what is uploaded of ${path} has keys that begin with "${prefix}". ${fix} If the prefix is meant, end it with "/".`;
}

/** Endings that hosts have, too: a prefix for a whole site is often called after its host. */
const OF_HOSTS: ReadonlySet<string> = new Set(['com', 'org', 'net']);

/** Whether the last segment of a prefix is likely meant as a file's name: it is that of the source, or has its ending or another one that is known. */
function seemsMeant(name: string, own: string): boolean {
  if (name === own) return true;
  const ending = endingOf(name);
  if (ending === undefined) return false;
  return ending === endingOf(own) || (!OF_HOSTS.has(ending) && knownContentType(name) !== undefined);
}

/** In lower case, without its dot; undefined where there is none. */
function endingOf(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  return dot <= 0 || dot === name.length - 1 ? undefined : name.slice(dot + 1).toLowerCase();
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // The walk reports it.
    return false;
  }
}
