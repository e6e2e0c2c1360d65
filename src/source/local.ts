import { isAbsolute, relative, resolve, sep } from 'node:path';
import { SourceError, UsageError } from '../errors.js';
import { normalizePrefix } from '../model/key.js';
import type { PutItem, SourceInput, SymlinkRule } from '../options/types.js';
import { unpackerFor, walkPackedTar } from './archive/compressed-tar.js';
import { type MemberMemory, memberMemory, membersWithMemory } from './archive/member-memory.js';
import { walkTar } from './archive/tar.js';
import { archiveKind } from './archive/tar-format.js';
import { type CandidateRules, candidates, mergeSources, uniqueKeys } from './candidates.js';
import { resolveSource, type Tree, walkTree } from './directory.js';
import { type ReadPolicy, readPolicy } from './file.js';
import type { Filter } from './filter.js';
import { walkIterable } from './iterable.js';
import type { Found, Source } from './types.js';

export interface LocalSourceOptions extends CandidateRules {
  readonly sources: readonly SourceInput[];
  /** Already ends in `/`, or is empty. */
  readonly prefix: string;
  readonly keyBase: 'source' | 'cwd';
  readonly names: Filter;
  readonly symlinks: SymlinkRule;
  readonly syncReads: boolean;
  /** Bytes above which an object goes up in parts. */
  readonly multipartThreshold?: number;
}

/** Everything that a put takes its objects from, as one source. Throws `UsageError` where `keyBase` cannot be kept. */
export function localSource(options: LocalSourceOptions): Source {
  const reads = readPolicy(options.syncReads);
  const trees: Tree[] = [];
  const packed: Tree[] = [];
  const once: ((signal: AbortSignal, room: MemberMemory) => AsyncIterable<Found>)[] = [];
  for (const source of options.sources) {
    if (typeof source !== 'string') {
      once.push((signal) => walkItems(source, { ...options, reads }, signal));
    } else {
      const tree = treeOf(source, { ...options, reads });
      if (!isCompressedArchive(source)) trees.push(tree);
      else {
        packed.push(tree);
        once.push((signal, room) => walkPath(tree, room, signal));
      }
    }
  }
  const repeatable = once.length === 0;
  const ordered = repeatable && options.key === undefined;
  const [only] = trees;
  const archives = options.sources.some((source) => typeof source === 'string' && archiveKind(source) !== undefined);
  // Each step costs every object a little, so none is taken for nothing: one tree gives no key twice, and only archives need room.
  const mergedTrees = (room: MemberMemory, signal: AbortSignal): AsyncIterable<Found> =>
    only !== undefined && trees.length === 1 && !archives
      ? walkTree(only, signal)
      : mergeSources(trees.map((tree) => walkPath(tree, room, signal)));
  function survey(signal: AbortSignal): AsyncIterable<Found> {
    for (const tree of packed) checkCompressed(tree);
    const wanted = candidates(mergedTrees(memberMemory(signal), signal), options);
    return options.key === undefined ? wanted : uniqueKeys(wanted, true);
  }
  return {
    ordered,
    repeatable,
    ...(trees.length + packed.length > 0 && { survey }),
    walk(signal) {
      const room = memberMemory(signal);
      const later = once.map((walk) => walk(signal, room));
      const merged = mergedTrees(room, signal);
      const found = repeatable ? merged : oneAfterAnother([merged, ...later]);
      const wanted = candidates(found, options);
      const unique = ordered ? wanted : uniqueKeys(wanted, repeatable);
      return archives ? membersWithMemory(unique, room, options.multipartThreshold) : unique;
    },
  };
}

type WithReads = LocalSourceOptions & { readonly reads: ReadPolicy };

function treeOf(path: string, { prefix, keyBase, names, symlinks, reads }: WithReads): Tree {
  const written = keyBase === 'cwd' ? writtenPath(path) : '';
  const parent = written.slice(0, written.lastIndexOf('/') + 1);
  const keyPrefix = prefix + normalizePrefix(written);
  return { path, keyPrefix, fileKeyPrefix: prefix + parent, filter: names, symlinks, reads };
}

/** The path as written, below the working directory, as part of the key. */
function writtenPath(path: string): string {
  const below = relative(process.cwd(), resolve(path));
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) {
    throw new UsageError(
      `The source "${path}" is outside of the working directory.`,
      'keyBase "cwd" keeps paths below it; change to a directory above the source, or leave keyBase out.',
    );
  }
  return below.split(sep).join('/');
}

/** Can the path be read only once? A compressed archive is told by its name, before anything is opened. */
function isCompressedArchive(path: string): boolean {
  const kind = archiveKind(path);
  return kind !== undefined && kind !== 'tar';
}

/** What is named like an archive and is a file is one. Throws `UsageError` where there is nothing, or what this Node cannot read. */
function walkPath(tree: Tree, room: MemberMemory, signal: AbortSignal): AsyncIterable<Found> {
  const kind = archiveKind(tree.path);
  if (kind === undefined || !resolveSource(tree.path).stat.isFile()) return walkTree(tree, signal);
  return kind === 'tar' ? walkTar(tree, signal) : walkPackedTar(tree, unpackerFor(kind, tree.path), room, signal);
}

/** Throws what opening a compressed archive would throw when others have been put already. */
function checkCompressed({ path }: Tree): void {
  const kind = archiveKind(path);
  if (resolveSource(path).stat.isFile() && kind !== undefined && kind !== 'tar') unpackerFor(kind, path);
}

async function* oneAfterAnother(walks: readonly AsyncIterable<Found>[]): AsyncGenerator<Found, void> {
  for (const walk of walks) yield* walk;
}

async function* walkItems(
  items: Iterable<PutItem> | AsyncIterable<PutItem>,
  { prefix, names, reads }: WithReads,
  signal: AbortSignal,
): AsyncGenerator<Found, void> {
  try {
    for await (const unit of walkIterable(items, prefix, reads, signal)) {
      if (unit.kind === 'unusable' || names.takes(unit.relativePath)) yield unit;
      else unit.settled?.();
    }
  } catch (error) {
    signal.throwIfAborted();
    const reason = `the source failed: ${error instanceof Error ? error.message : String(error)}`;
    yield {
      kind: 'unusable',
      action: 'fail',
      key: '',
      origin: '(source)',
      reason,
      error: new SourceError('SourceFailed', reason, { cause: error }),
    };
  }
}

/** What a source, or the part of it that can be walked twice, holds, from names and sizes alone. */
export interface Survey {
  /** Everything that will have an outcome. */
  readonly objects: number;
  readonly bytes: number;
  /** Of `objects`, those that are no usable entry but only skipped. */
  readonly skipped: number;
  /** What was skipped first, and why. */
  readonly examples: readonly string[];
}

const MOST_EXAMPLES = 3;

/** Walks what can be walked twice once without sending anything. Throws `UsageError` where a source does not exist or two give one key. */
export async function survey(source: Source, signal: AbortSignal): Promise<Survey> {
  let objects = 0;
  let bytes = 0;
  let skipped = 0;
  const examples: string[] = [];
  for await (const unit of source.survey?.(signal) ?? []) {
    objects += 1;
    if (unit.kind === 'entry') bytes += unit.size ?? 0;
    else if (unit.action === 'skip') {
      skipped += 1;
      if (examples.length < MOST_EXAMPLES) examples.push(`${unit.origin} (${unit.reason})`);
    }
  }
  return { objects, bytes, skipped, examples };
}
