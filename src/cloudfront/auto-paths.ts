import type { Changes } from './changes.js';
import { type Distribution, keepsMissing } from './distribution.js';
import { foldPaths } from './fold.js';
import { firstPath, includesPage, invalidationPaths } from './paths.js';

/** The path that covers all of a distribution. */
export const EVERYTHING = '/*';

/**
 * The paths of what a run has changed, at most `most` of them. New keys are not among them, unless the distribution keeps what it shows for missing
 * ones. All of it, where the page changed that it shows for missing keys, because that is kept under their URLs.
 * @param distribution undefined where it may not be read
 */
export function autoPaths(changes: Changes, distribution: Distribution | undefined, most: number): readonly string[] {
  const takesCreated = distribution !== undefined && keepsMissing(distribution);
  if (changes.overflowed || (takesCreated && changes.createdOverflowed)) return [EVERYTHING];
  const paths = new Set<string>();
  const add = (keys: Iterable<string>): void => {
    for (const key of keys) for (const path of invalidationPaths(key, distribution)) paths.add(path);
  };
  add(changes.changed);
  if (takesCreated) add(changes.created);
  const pages = distribution?.missing.flatMap(({ page }) => page ?? []) ?? [];
  if (pages.some((page) => includesPage(paths, page))) return [EVERYTHING];
  return foldPaths(paths, unchangedPaths(changes, distribution), most);
}

function* unchangedPaths({ unchanged }: Changes, distribution: Distribution | undefined): Generator<string, void> {
  for (const key of unchanged) {
    const path = firstPath(key, distribution);
    if (path !== undefined) yield path;
  }
}
