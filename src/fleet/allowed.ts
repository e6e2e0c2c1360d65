import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { SourceError, UsageError } from '../errors.js';
import { parseAddress, withSlash } from '../model/key.js';
import { msg } from '../report/message.js';

interface Place {
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
}

/** What a worker may read and write, whatever the queue says. */
export interface Allowed {
  /** Real paths of directories, and places in buckets; undefined where every source is allowed. */
  readonly sources: { readonly directories: readonly string[]; readonly places: readonly Place[] } | undefined;
  readonly destinations: readonly Place[] | undefined;
}

export const ALL_ALLOWED: Allowed = { sources: undefined, destinations: undefined };

/**
 * Reads the options `allowSource` and `allowDestination`. Directories are resolved now, so that a link that is changed later allows nothing more.
 * @throws UsageError for a directory that does not exist, and for what is no bucket
 */
export function readAllowed(sources: readonly string[] = [], destinations: readonly string[] = []): Allowed {
  const isPlace = (text: string): boolean => /^s3:/i.test(text);
  return {
    sources:
      sources.length === 0
        ? undefined
        : {
            directories: sources.filter((text) => !isPlace(text)).map(readDirectory),
            places: sources.filter(isPlace).map((text) => readPlace(text, 'allowed source')),
          },
    destinations:
      destinations.length === 0 ? undefined : destinations.map((text) => readPlace(text, 'allowed destination')),
  };
}

function readDirectory(text: string): string {
  try {
    return realpathSync(resolve(text));
  } catch (error) {
    const { code = 'UnknownError' } = error as NodeJS.ErrnoException;
    throw new UsageError(
      msg`{allowSource} is "${text}", which cannot be read (${code}).`,
      'Name a directory that exists when the worker starts, or s3://bucket/prefix.',
    );
  }
}

function readPlace(text: string, what: string): Place {
  const { bucket, path } = parseAddress(text, what);
  return { bucket, prefix: withSlash(path) };
}

/** What a batch reads and writes. */
export interface BatchPlaces {
  /** The directory of a put. */
  readonly root?: string;
  /** It takes files to which symlinks lead out of its directory. */
  readonly followsLinks?: boolean;
  /** The bucket of a copy, and the keys in it. */
  readonly from?: { readonly bucket: string; readonly keys: readonly string[] };
  readonly to: { readonly bucket: string; readonly keys: readonly string[] };
  /** Endpoints that the queue names, and not the worker. */
  readonly endpoints: { readonly from?: unknown; readonly to?: unknown };
}

/** Why a worker may not do a batch; undefined where it may. */
export function refusalOf(
  allowed: Allowed,
  { root, followsLinks, from, to, endpoints }: BatchPlaces,
): SourceError | undefined {
  const { sources, destinations } = allowed;
  if (sources !== undefined && root !== undefined) {
    if (!isInside(root, sources.directories)) return refused(`may not read ${root}`, 'allow-source');
    if (followsLinks === true)
      return refused(`may not follow symlinks out of ${root} (--symlinks follow)`, 'allow-source');
  }
  if (sources !== undefined && from !== undefined) {
    if (endpoints.from !== undefined) return foreign(endpoints.from, 'source');
    const outside = outsideOf(from, sources.places);
    if (outside !== undefined) return refused(`may not read ${outside}`, 'allow-source');
  }
  if (destinations !== undefined) {
    if (endpoints.to !== undefined) return foreign(endpoints.to, 'destination');
    const outside = outsideOf(to, destinations);
    if (outside !== undefined) return refused(`may not write ${outside}`, 'allow-destination');
  }
  return undefined;
}

function isInside(root: string, directories: readonly string[]): boolean {
  let real: string;
  try {
    real = realpathSync(root);
  } catch {
    // It cannot be read anyway; the queue does not learn whether it exists.
    real = resolve(root);
  }
  return directories.some(
    (directory) => real === directory || real.startsWith(directory.endsWith(sep) ? directory : directory + sep),
  );
}

/** The first key that is in none of the places. */
function outsideOf(
  { bucket, keys }: { readonly bucket: string; readonly keys: readonly string[] },
  places: readonly Place[],
): string | undefined {
  const prefixes = places.filter((place) => place.bucket === bucket).map(({ prefix }) => prefix);
  const outside = keys.find((key) => !prefixes.some((prefix) => key.startsWith(prefix)));
  return outside === undefined ? undefined : `s3://${bucket}/${outside}`;
}

function refused(what: string, option: string): SourceError {
  return new SourceError('NotAllowed', `it ${what}: its --${option} names other places`, {
    hint: `Start the worker with another --${option}, or start one that may do this run.`,
  });
}

/** The names of buckets mean something else there. */
function foreign(endpoint: unknown, side: string): SourceError {
  return new SourceError(
    'NotAllowed',
    `it may use no endpoint that the queue names (${String(endpoint)}, of the ${side})`,
    {
      hint: 'Start the worker with that --endpoint-url of its own: a worker with --allow-source or --allow-destination uses no other.',
    },
  );
}
