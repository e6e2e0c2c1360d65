import type { Outcome, OutcomeAction } from '../report/types.js';
import type { OutcomeFile } from './report-file.js';
import { textFile } from './text-file.js';

/** What changed the bucket, or in a dry run would; `unknown` may have. */
const CHANGES: ReadonlySet<OutcomeAction> = new Set(['put', 'copy', 'metadata', 'delete', 'unknown']);
/** The name under which sites serve the page of a folder. */
const FOLDER_PAGE = /(?:^|\/)index\.html$/;

/**
 * The paths of a key's URLs, as a browser requests them from the root of the bucket: `/docs/a%20b.html`. A page `index.html` has that of its folder too:
 * `/docs/index.html` and `/docs/`.
 *
 * Every character that ends a path or has a meaning in it is encoded, and what RFC 3986 has no place for; the others are not, because a CDN that is
 * given another spelling looks for another object.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
 */
export function urlPathsOf(key: string): readonly string[] {
  // What is no Unicode is stored as its replacement.
  const stored = Buffer.from(key).toString();
  const path = `/${encodeURI(stored).replaceAll('?', '%3F').replaceAll('#', '%23')}`;
  return FOLDER_PAGE.test(key) ? [path, path.slice(0, -'index.html'.length)] : [path];
}

/** The URL paths of what a run changes, one a line, for the purge of a CDN; written when the outcomes arrive. */
export interface ChangedPathsFile extends OutcomeFile {
  /** Adds what other jobs of the same deployment have changed, without what this run has changed again. */
  readonly addBefore: () => Promise<void>;
  /** Ends the file; resolves with the error if it could not be written. */
  readonly end: () => Promise<Error | undefined>;
}

/**
 * @param folder exists longer than the step; the runner's temporary folder exists until the job ends
 * @param before keys that other jobs have changed
 */
export function changedPathsFile(folder: string, name: string, before: readonly string[] = []): ChangedPathsFile {
  const file = textFile(folder, name);
  const others = new Set(before);
  /** Paths of folders, which a page may have by its own key and by that of its index.html. */
  const folders = new Set<string>();
  const isNew = (path: string): boolean => {
    if (!path.endsWith('/')) return true;
    const known = folders.has(path);
    folders.add(path);
    return !known;
  };
  const write = (key: string): Promise<void> | undefined => {
    const paths = urlPathsOf(key).filter(isNew);
    return paths.length === 0 ? undefined : file.write(`${paths.join('\n')}\n`);
  };
  return {
    path: file.path,
    add(outcome) {
      if (!CHANGES.has(outcome.action) || outcome.key === '' || isMarker(outcome)) return undefined;
      others.delete(outcome.key);
      return write(outcome.key);
    },
    async addBefore() {
      for (const key of others) await write(key);
    },
    end: () => file.end(),
  };
}

/** The marker of a folder is no page: an upload puts none, and it has no bytes. */
function isMarker({ action, key, replacedBytes = 0 }: Outcome): boolean {
  return key.endsWith('/') && action === 'delete' && replacedBytes === 0;
}
