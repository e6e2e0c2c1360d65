import type { SymlinkRule } from '../../options/types.js';
import { type CleanUrlsOf, type KeyCuts, keyCuts } from '../clean-urls.js';
import type { Filter } from '../filter.js';
import type { OwnFiles } from '../own-files.js';
import type { Precompressed } from '../precompressed.js';
import type { ReadPolicy } from '../types.js';

/** One directory or file given as a source. */
export interface Tree {
  /** As the user wrote it; origins begin with it. */
  readonly path: string;
  /** Put before the path below a directory to make the key. */
  readonly keyPrefix: string;
  /** Put before the base name where the source is a single file. */
  readonly fileKeyPrefix: string;
  readonly filter: Filter;
  readonly symlinks: SymlinkRule;
  readonly reads: ReadPolicy;
  /** Whether each folder that is opened is yielded as `LeftOut`: its marker in the bucket is no stray. */
  readonly folders?: boolean;
  /** Files that the run itself reads or writes: left out of a directory, but put where the source is the file. */
  readonly ownFiles?: OwnFiles | undefined;
  /** The clean URLs of its files; undefined where all keys are names. */
  readonly cleanUrlsOf?: CleanUrlsOf | undefined;
  /** What becomes of compressed copies; undefined where they are files like any other. */
  readonly precompressed?: Precompressed | undefined;
}

/** What the keys of a file lack of its path; of one that the filter does not take, nothing. */
export function cutsIn({ cleanUrlsOf, filter }: Tree, path: string): KeyCuts {
  return keyCuts(path, cleanUrlsOf !== undefined && filter.takes(path) && cleanUrlsOf(path));
}
