import { isAbsolute, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { SourceError, UsageError } from '../errors.js';
import { archiveKind } from '../model/archive-name.js';
import { normalizePrefix } from '../model/key.js';
import type { PutItem, SourceInput, SymlinkRule } from '../options/types.js';
import { dropUnit } from '../plan/listing/lookup.js';
import { msg } from '../report/message.js';
import { inBlocks, unitsOf } from '../run/blocks.js';
import { unpackerFor, walkPackedTar } from './archive/compressed-tar.js';
import { type MemberMemory, memberMemory, membersWithMemory } from './archive/member-memory.js';
import { walkTar } from './archive/tar.js';
import {
  type CandidateRules,
  candidates,
  mergeSources,
  uniqueKeys,
  withNormalHook,
  withNormalKeys,
} from './candidates.js';
import { type CleanUrlsOf, pathsOfCleanKey } from './clean-urls.js';
import { type ContentWatch, contentReading } from './contents.js';
import { readPolicy } from './file.js';
import type { Filter } from './filter.js';
import { type HeadWatch, showHead } from './heads.js';
import { walkIterable } from './iterable.js';
import { type ListedFolders, listedPaths, walkListed } from './listed-files.js';
import { resolveSource, workingDirectory } from './named.js';
import type { NameWatch } from './names.js';
import type { OwnFiles } from './own-files.js';
import { copiesBeside, type Precompressed, withNamedCopies } from './precompressed.js';
import { walkFileAs } from './single-file.js';
import type { Entry, Found, FoundBlocks, ReadPolicy, Source, Unusable } from './types.js';
import { walkBlocks, walkTree } from './walk/directory.js';
import { type WalkRecord, walkRecord } from './walk/record.js';
import type { Tree } from './walk/tree.js';

export interface LocalSourceOptions extends CandidateRules {
  readonly sources: readonly SourceInput[];
  /** Already ends in `/`, or is empty. */
  readonly prefix: string;
  readonly keyBase: 'source' | 'cwd';
  /** The key of the only file, below the prefix. */
  readonly as?: string | undefined;
  /** The only paths of the only source. */
  readonly filesFrom?: readonly string[] | undefined;
  /** What becomes of those that are directories. Default: refused. */
  readonly listedFolders?: ListedFolders;
  readonly names: Filter;
  /** The clean URLs of files; undefined where there are none. A key that the user gives (`as`, or the function `key`) is final. */
  readonly cleanUrlsOf?: CleanUrlsOf | undefined;
  /** What becomes of compressed copies such as `app.js.br`; undefined where they are files like any other. */
  readonly precompressed?: Precompressed | undefined;
  readonly symlinks: SymlinkRule;
  readonly syncReads: boolean;
  /** Bytes above which an object is uploaded in parts. */
  readonly multipartThreshold?: number;
  /** Files that the run itself reads or writes, which directories are walked without. */
  readonly ownFiles?: OwnFiles | undefined;
}

/** Walks one source, each time from its start. */
type Walk = (signal: AbortSignal, memory: MemberMemory) => FoundBlocks;

/** All sources of a put as one. Throws `UsageError` where `keyBase` is impossible, or `precompressed` for one of them. */
export function localSource(given: LocalSourceOptions): Source {
  const cleanUrlsOf = given.as === undefined ? given.cleanUrlsOf : undefined;
  const repeatable = given.sources.every((source) => typeof source === 'string' && isRepeatable(source, given));
  // A walk in key order gives clean keys in their order. Where there is no order they are given once all else is known of the keys.
  const cleanInWalk = repeatable && given.key === undefined ? cleanUrlsOf : undefined;
  const options: LocalSourceOptions = { ...given, cleanUrlsOf: cleanInWalk };
  const reads = readPolicy(options.syncReads);
  const trees: Walk[] = [];
  const compressed: Tree[] = [];
  const readOnce: Walk[] = [];
  const stems: (() => string)[] = [];
  for (const source of options.sources) {
    if (options.precompressed === 'replace') checkReplaced(source, options);
    if (typeof source !== 'string') {
      stems.push(() => options.prefix);
      readOnce.push((signal) => inBlocks(walkItems(source, { ...options, reads }, signal)));
    } else {
      const tree = treeOf(source, { ...options, reads });
      stems.push(() => stemOf(tree));
      const walk = walkOf(tree, options);
      if (isRepeatable(source, options)) trees.push(walk);
      else {
        compressed.push(tree);
        readOnce.push(walk);
      }
    }
  }
  const normal = options.normalize !== undefined;
  // Another form may sort elsewhere, and two names may become one.
  const keysStay = options.key === undefined && !normal;
  const ordered = repeatable && keysStay;
  const named = {
    ...(normal ? withNormalHook(options) : options),
    cleanUrlsOf: cleanInWalk === undefined ? cleanUrlsOf : undefined,
  };
  const rules = walksEverything(options) ? { ...named, takes: options.names.takes } : named;
  const wantedOf = (found: FoundBlocks): FoundBlocks =>
    candidates(normal ? withNormalKeys(found, options.prefix) : found, rules);
  const [only] = trees;
  const archives = options.sources.some((source) => typeof source === 'string' && archiveKind(source) !== undefined);
  // Each step costs every object a little, so skip those that are not needed: one tree has no repeated keys but by clean URLs, and only archives need memory.
  const mergedTrees = (memory: MemberMemory, signal: AbortSignal): FoundBlocks =>
    only !== undefined && trees.length === 1 && !archives && cleanInWalk === undefined
      ? only(signal, memory)
      : inBlocks(mergeSources(trees.map((walk) => unitsOf(walk(signal, memory), dropUnit))));
  function survey(signal: AbortSignal): FoundBlocks {
    for (const tree of compressed) checkCompressed(tree);
    const wanted = wantedOf(mergedTrees(memberMemory(signal), signal));
    return keysStay ? wanted : uniqueKeys(wanted, true);
  }
  let known: readonly string[] | undefined;
  const starts = (): readonly string[] => {
    known ??= [...new Set(stems.map((stem) => stem()))];
    return known;
  };
  return {
    ordered,
    repeatable,
    rewalkable: options.sources.every((one) => typeof one === 'string'),
    pathsOf: (key) =>
      options.key === undefined
        ? starts().flatMap((start) => (key.startsWith(start) ? [pathsBelow(key.slice(start.length), cleanUrlsOf)] : []))
        : [],
    hasFolder: () =>
      options.sources.some(
        (one) => typeof one !== 'string' || archiveKind(one) !== undefined || !resolveSource(one).stat.isFile(),
      ),
    ...(trees.length + compressed.length > 0 && { survey }),
    walk(signal) {
      const memory = memberMemory(signal);
      const later = readOnce.map((walk) => walk(signal, memory));
      const merged = mergedTrees(memory, signal);
      const found = repeatable ? merged : oneAfterAnother([merged, ...later]);
      const wanted = wantedOf(found);
      const unique = ordered ? wanted : uniqueKeys(wanted, repeatable);
      return archives
        ? inBlocks(membersWithMemory(unitsOf(unique, dropUnit), memory, options.multipartThreshold))
        : unique;
    },
  };
}

function pathsBelow(path: string, cleanUrlsOf: CleanUrlsOf | undefined): readonly string[] {
  return cleanUrlsOf === undefined ? [path] : [path, ...pathsOfCleanKey(path, cleanUrlsOf)];
}

/** A source as its user named it. Items have no name, unless their only one is this process's standard input. */
export function sourceLabel(source: SourceInput): string {
  if (typeof source === 'string') return source;
  const [only, more]: readonly unknown[] = Array.isArray(source) ? source : [];
  if (more !== undefined || typeof only !== 'object' || only === null) return 'items';
  // A getter may open a stream, so that it is called only when the item is put.
  const body: unknown = Object.getOwnPropertyDescriptor(only, 'body')?.value;
  return body instanceof Readable && 'fd' in body && body.fd === STDIN ? 'standard input' : 'items';
}

/** The descriptor of standard input. */
const STDIN = 0;

type WithReads = LocalSourceOptions & { readonly reads: ReadPolicy };

function treeOf(path: string, options: WithReads): Tree {
  const { prefix, keyBase, names, symlinks, reads, leftOut, ownFiles, cleanUrlsOf, precompressed } = options;
  const written = keyBase === 'cwd' ? writtenPath(path) : '';
  const parent = written.slice(0, written.lastIndexOf('/') + 1);
  const keyPrefix = prefix + normalizePrefix(written);
  const filter = walksEverything(options) ? EVERY_NAME : names;
  return {
    path,
    keyPrefix,
    fileKeyPrefix: prefix + parent,
    filter,
    symlinks,
    reads,
    folders: leftOut === true,
    ownFiles,
    cleanUrlsOf,
    precompressed,
  };
}

/** What the keys of a tree begin with, before the paths that filters see: those of a file or an archive have its folder, not its name. */
function stemOf({ path, keyPrefix, fileKeyPrefix }: Tree): string {
  return resolveSource(path).stat.isDirectory() ? keyPrefix : fileKeyPrefix;
}

/** What becomes of the keys of files that are left out is known only once all of them have been seen, unless keys are names. */
function walksEverything({ leftOut, key, normalize }: LocalSourceOptions): boolean {
  return leftOut === true && (key !== undefined || normalize !== undefined);
}

const EVERY_NAME: Filter = { takes: () => true, opens: () => true };

/** The path relative to the working directory, as part of the key. */
function writtenPath(path: string): string {
  const base = workingDirectory();
  const below = relative(base, resolve(base, path));
  if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) {
    throw new UsageError(
      msg`The source "${path}" is outside of {workingDirectory}.`,
      msg`{keyBase: 'cwd'} keeps paths below it; change to a directory above the source, or leave {keyBase} out.`,
    );
  }
  return below.split(sep).join('/');
}

/** Whether nothing is unpacked, whatever the name of the source. */
function isWalked({ as, filesFrom }: LocalSourceOptions): boolean {
  return as !== undefined || filesFrom !== undefined;
}

function walkOf(tree: Tree, { as, filesFrom, listedFolders, prefix }: LocalSourceOptions): Walk {
  if (as !== undefined) return (signal) => inBlocks(walkFileAs(tree, prefix + as, signal));
  if (filesFrom !== undefined) {
    let paths: readonly string[] | undefined;
    return (signal) => {
      paths ??= listedPaths(tree.path, filesFrom);
      return inBlocks(walkListed(tree, paths, signal, listedFolders));
    };
  }
  const record = walkRecord();
  return (signal, memory) => walkPath(tree, memory, record, signal);
}

/** Whether a path can be walked twice. */
function isRepeatable(path: string, options: LocalSourceOptions): boolean {
  return isWalked(options) || !isCompressedArchive(path);
}

/** Whether the path can be read only once. The name of a compressed archive shows it, before anything is opened. */
function isCompressedArchive(path: string): boolean {
  const kind = archiveKind(path);
  return kind !== undefined && kind !== 'tar';
}

/** Walks a file with the name of an archive as one. Throws `UsageError` where the path does not exist, or this Node cannot unpack it. */
function walkPath(tree: Tree, memory: MemberMemory, record: WalkRecord, signal: AbortSignal): FoundBlocks {
  const isFile = resolveSource(tree.path).stat.isFile();
  const kind = isFile ? archiveKind(tree.path) : undefined;
  if (!isFile || (kind === undefined && tree.precompressed !== 'separate')) return walkBlocks(tree, signal, { record });
  const walk =
    kind === undefined
      ? walkTree(tree, signal)
      : kind === 'tar'
        ? walkTar(tree, signal)
        : walkPackedTar(tree, unpackerFor(kind, tree.path), memory, signal);
  return inBlocks(tree.precompressed === 'separate' ? withNamedCopies(walk) : walk);
}

/** Only in a directory it is known what is beside a file before that is sent. */
function checkReplaced(source: SourceInput, options: LocalSourceOptions): void {
  const why = notReplaced(source, options);
  if (why === undefined) return;
  throw new UsageError(
    msg`{precompressed: 'replace'} needs directories, and ${why}.`,
    msg`Set {precompressed: 'separate'}, or give the directory.`,
  );
}

function notReplaced(source: SourceInput, options: LocalSourceOptions): string | undefined {
  if (typeof source !== 'string') return 'a source is items, of which it is not known what follows';
  if (!resolveSource(source).stat.isFile()) return undefined;
  if (archiveKind(source) !== undefined && !isWalked(options))
    return `"${source}" is an archive, of which it is not known what follows`;
  const [copy] = copiesBeside(source);
  return copy === undefined ? undefined : `"${source}" is one file, beside which is "${copy}"`;
}

/** Throws early what opening a compressed archive would throw after other objects have been put. */
function checkCompressed({ path }: Tree): void {
  const kind = archiveKind(path);
  if (resolveSource(path).stat.isFile() && kind !== undefined && kind !== 'tar') unpackerFor(kind, path);
}

async function* oneAfterAnother(walks: readonly FoundBlocks[]): AsyncGenerator<readonly Found[], void> {
  for (const walk of walks) yield* walk;
}

async function* walkItems(
  items: Iterable<PutItem> | AsyncIterable<PutItem>,
  options: WithReads,
  signal: AbortSignal,
): AsyncGenerator<Found, void> {
  const { prefix, reads, leftOut } = options;
  const names = walksEverything(options) ? EVERY_NAME : options.names;
  try {
    const found = walkIterable(items, prefix, reads, signal);
    for await (const unit of options.precompressed === 'separate' ? withNamedCopies(found) : found) {
      if (unit.kind === 'leftOut' && leftOut !== true) continue;
      if (unit.kind !== 'entry' || names.takes(unit.relativePath)) yield unit;
      else {
        unit.settled?.();
        const { key, cleanUrls } = unit;
        if (leftOut === true)
          yield { kind: 'leftOut', key, below: false, ...(cleanUrls !== undefined && { cleanUrls }) };
      }
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

/** The totals of a source, or of the part of it that can be walked twice, from names and sizes alone. */
export interface Survey {
  /** How many outcomes there will be. */
  readonly objects: number;
  readonly bytes: number;
  /** How many of `objects` are unusable entries that are skipped. */
  readonly skipped: number;
  /** The first ones that are skipped, and why. */
  readonly examples: readonly string[];
  /** The outcomes of the whole source, where the run settles only a part of it, and how many of them are skipped. */
  readonly whole: { readonly objects: number; readonly skipped: number };
}

const MOST_EXAMPLES = 3;

/** What looks at the entries of a survey: at their keys, at the first bytes of some, and at all bytes of some. */
export interface SurveyWatches {
  readonly names?: NameWatch | undefined;
  readonly heads?: HeadWatch | undefined;
  readonly contents?: ContentWatch | undefined;
  /** Takes every entry. */
  readonly see?: ((entry: Entry) => void) | undefined;
  /** Whether the run settles something; by default everything. The watches see the rest, too. */
  readonly owns?: ((unit: Entry | Unusable) => boolean) | undefined;
}

/** Walks what can be walked twice, without sending anything, and shows it to the watches. Throws `UsageError` where a source does not exist or two have the same key. */
export async function survey(
  source: Source,
  signal: AbortSignal,
  { names, heads, contents, see, owns }: SurveyWatches = {},
): Promise<Survey> {
  let objects = 0;
  let bytes = 0;
  let skipped = 0;
  const whole = { objects: 0, skipped: 0 };
  const examples: string[] = [];
  const reading = contents === undefined ? undefined : contentReading(contents, signal);
  for await (const block of source.survey?.(signal) ?? [])
    for (const unit of block) {
      if (unit.kind === 'leftOut') continue;
      const own = owns?.(unit) ?? true;
      whole.objects += 1;
      if (own) objects += 1;
      if (unit.kind === 'entry') {
        if (own) bytes += unit.size ?? 0;
        names?.see(unit.key);
        see?.(unit);
        // Awaiting each of many entries takes long.
        const shown = heads === undefined ? undefined : showHead(unit, heads, signal);
        if (shown !== undefined) await shown;
        const read = reading?.read(unit);
        if (read !== undefined) await read;
      } else if (unit.action === 'skip') {
        whole.skipped += 1;
        if (own) skipped += 1;
        if (examples.length < MOST_EXAMPLES) examples.push(`${unit.origin} (${unit.reason})`);
      }
    }
  await reading?.finish();
  return { objects, bytes, skipped, examples, whole };
}
