import { isAbsolute, relative, resolve, sep } from 'node:path';
import { SourceError, UsageError } from '../errors.js';
import { joinPrefix } from '../key.js';
import type { PutItem, SourceInput, SymlinkRule } from '../put-options.js';
import { type CandidateRules, candidates, uniqueKeys } from './candidates.js';
import type { Found, Source } from './entry.js';
import type { Filter } from './filter.js';
import { walkIterable } from './iterable.js';
import { mergeSources } from './merge-sources.js';
import { type Tree, walkTree } from './tree.js';

export interface LocalSourceOptions extends CandidateRules {
  readonly sources: readonly SourceInput[];
  /** Already ends in `/`, or is empty. */
  readonly prefix: string;
  readonly keyBase: 'source' | 'cwd';
  readonly names: Filter;
  readonly symlinks: SymlinkRule;
}

/** Everything that a put takes its objects from, as one source. Throws `UsageError` where `keyBase` cannot be kept. */
export function localSource(options: LocalSourceOptions): Source {
  const trees = options.sources.filter((source) => typeof source === 'string').map((path) => treeOf(path, options));
  const iterables = options.sources.filter((source) => typeof source !== 'string');
  const repeatable = iterables.length === 0;
  const ordered = repeatable && options.key === undefined;
  return {
    ordered,
    repeatable,
    walk(signal) {
      const merged = mergeSources(trees.map((tree) => walkTree(tree, signal)));
      const found = repeatable ? merged : inTurn(merged, iterables, options, signal);
      const wanted = candidates(found, options);
      return ordered ? wanted : uniqueKeys(wanted, repeatable);
    },
  };
}

function treeOf(path: string, { prefix, keyBase, names, symlinks }: LocalSourceOptions): Tree {
  const written = keyBase === 'cwd' ? writtenPath(path) : '';
  const parent = written.slice(0, written.lastIndexOf('/') + 1);
  return { path, keyPrefix: prefix + joinPrefix(written), fileKeyPrefix: prefix + parent, filter: names, symlinks };
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

async function* inTurn(
  merged: AsyncIterable<Found>,
  iterables: readonly (Iterable<PutItem> | AsyncIterable<PutItem>)[],
  options: LocalSourceOptions,
  signal: AbortSignal,
): AsyncGenerator<Found, void> {
  yield* merged;
  for (const iterable of iterables) {
    try {
      for await (const unit of walkIterable(iterable, options.prefix, signal)) {
        if (unit.kind === 'unusable' || options.names.takes(unit.relativePath)) yield unit;
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
}
