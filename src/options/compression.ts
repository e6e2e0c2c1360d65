import * as zlib from 'node:zlib';
import { UsageError } from '../errors.js';
import { ENCODINGS, type Encoding } from '../model/encodings.js';
import { msg, option } from '../report/message.js';
import { type CompressOptions, PRECOMPRESSED } from './items.js';
import type { ResolvedPutOptions } from './resolved.js';
import type { GzipOption } from './types.js';
import { oneOf, shown } from './validate.js';

/** The options of compression in any coding, checked and with all defaults. Throws `UsageError` naming the first wrong value and its fix. */
export function compressOptions(
  options: CompressOptions & { readonly gzip?: unknown },
): Pick<ResolvedPutOptions, 'compress' | 'brLevel' | 'zstdLevel' | 'precompressed'> {
  const compress = checkedCompress('compress', options.compress);
  refuseBoth(options.gzip, compress);
  const { precompressed } = options;
  return {
    compress: compress ?? false,
    brLevel: level('brLevel', options.brLevel, 0, 11),
    zstdLevel: level('zstdLevel', options.zstdLevel, 1, 19),
    precompressed: precompressed === undefined ? undefined : oneOf('precompressed', precompressed, PRECOMPRESSED),
  };
}

/**
 * A coding, or false. Undefined where nothing is said.
 * @param name how messages name the option
 * @throws UsageError that names the option, and for `zstd` where this Node cannot write it
 */
export function checkedCompress(name: string, value: unknown): Encoding | false | undefined {
  if (value === undefined) return undefined;
  // A flag, a variable and an input give it as text.
  if (value === false || value === 'false') return false;
  if (value === true || value === 'true')
    throw new UsageError(
      msg`${option(name)} is true, which names no coding.`,
      `Name one: ${ENCODINGS.join(', ')}. What all clients can read is gzip.`,
    );
  const encoding = oneOf(name, value, ENCODINGS);
  if (encoding === 'zstd' && !canWriteZstd(zlib))
    throw new UsageError(
      msg`${option(name)} is "zstd", which Node ${process.version} cannot write.`,
      'Node 22.15, 23.8 and all later versions can. Or give br, which every Node can.',
    );
  return encoding;
}

/** Whether a Node with this module can compress with zstd. @internal */
export function canWriteZstd(module: object): boolean {
  return 'createZstdCompress' in module;
}

/**
 * Refuses two options that both turn compression on, for the same objects.
 * @throws UsageError that names both
 */
export function refuseBoth(gzip: unknown, compress: Encoding | false | undefined): void {
  if (compress === undefined || compress === false || gzip === undefined || gzip === false) return;
  throw new UsageError(
    msg`{gzip} and {compress} are given together: both say how to compress.`,
    compress === 'gzip'
      ? msg`Leave {compress} out: {gzip} does the same, and can name types.`
      : msg`Leave {gzip} out, or {compress}. A rule in {rules} may choose another coding for some files.`,
  );
}

/** What is on of the two: one that is off says nothing beside the other. */
export function onlyOneOn(
  gzip: GzipOption | undefined,
  compress: Encoding | false | undefined,
): { readonly gzip?: GzipOption; readonly compress?: Encoding | false } {
  refuseBoth(gzip, compress);
  if (compress !== undefined && (compress !== false || gzip === undefined)) return { compress };
  return gzip === undefined ? {} : { gzip };
}

/** Undefined: the engine chooses by the size of each body. */
function level(name: 'brLevel' | 'zstdLevel', value: unknown, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  // https://www.rfc-editor.org/rfc/rfc9659
  const why = name === 'zstdLevel' ? ' Higher levels need more memory than browsers give to a decoder (8 MB).' : '';
  throw new UsageError(
    msg`${option(name)} is ${shown(value)}; it must be a whole number from ${least} (fast) to ${most} (small).${why}`,
    'Leave it out for a level by the size of each body.',
  );
}
