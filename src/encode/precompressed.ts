import { copyNamed, type Encoding } from '../model/encodings.js';
import { isForPrograms } from '../model/site-names.js';
import { bareType } from '../options/common.js';
import { isCompressible } from './compression.js';
import { knownContentType } from './content-type.js';

/** A compressed copy of a file, as build tools leave it beside that. */
export interface CompressedCopy {
  /** The path of the file. */
  readonly plain: string;
  readonly encoding: Encoding;
}

/**
 * The file of which a path names a compressed copy: `app.js` for `app.js.br`, `app.js.gz` and `app.js.zst`. Undefined where the plain name has no type
 * that is worth compressing, as in `backup.tar.gz`, `photo.png.gz` and `LICENSE.gz`, and where programs read the file by its name: crawlers expect
 * `sitemap.xml.gz` to be a gzip file.
 */
export function compressedCopy(path: string): CompressedCopy | undefined {
  const copy = copyNamed(path);
  if (copy === undefined || isForPrograms(copy.plain)) return undefined;
  const type = knownContentType(copy.plain);
  return type !== undefined && isCompressible(bareType(type)) ? copy : undefined;
}

/** Of several copies of one file the first of these is sent: `br` is the smallest, and `gzip` is read by more browsers than `zstd`. */
const BEST_FIRST: readonly Encoding[] = ['br', 'gzip', 'zstd'];

/** Whether the first encoding is sent rather than the second. */
export function isBetter(one: Encoding, other: Encoding): boolean {
  return BEST_FIRST.indexOf(one) < BEST_FIRST.indexOf(other);
}
