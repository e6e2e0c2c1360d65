import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Random, seededRandom } from './random.js';

/** A folder of files with the same names, sizes and bytes in every run. */
export interface Tree {
  readonly folder: string;
  /** Paths relative to the folder; also the keys. */
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  readonly bytes: number;
}

/** The sizes of the files. */
export type Sizes = 'tiny' | 'small' | 'medium' | 'big' | 'huge';

const SEED = 5;
/** Median size, and deviation of its logarithm. √(2 ln 2) makes the mean twice the median: 10,000 files are 82 MB. */
const SHAPES: Readonly<Record<Sizes, { readonly median: number; readonly deviation: number }>> = {
  tiny: { median: 16, deviation: 0 },
  small: { median: 4096, deviation: Math.sqrt(2 * Math.LN2) },
  medium: { median: 256 * 1024, deviation: 0 },
  big: { median: 100 * 2 ** 20, deviation: 0 },
  huge: { median: 2 ** 31, deviation: 0 },
};
const EXTENSIONS = ['html', 'css', 'js', 'json', 'svg', 'png', 'jpg', 'woff2'] as const;
const PER_FOLDER = 100;
const MIN_LENGTH = 16;
const CHUNK = 8 * 2 ** 20;
const HOUR = 3600;

export function makeTree(folder: string, sizes: Sizes, files: number): Tree {
  const { median, deviation } = SHAPES[sizes];
  const random = seededRandom(SEED);
  const noise = makeNoise(random);
  const names = Array.from({ length: files }, (_, file) => nameOf(file));
  const lengths = names.map(() => Math.max(MIN_LENGTH, Math.round(median * Math.exp(deviation * random.normal()))));
  // Older than all objects, so that peers that compare times find nothing to do.
  const modified = Date.now() / 1000 - HOUR;
  for (const [file, name] of names.entries()) {
    if (file % PER_FOLDER === 0) mkdirSync(join(folder, name, '..'), { recursive: true });
    writeBody(join(folder, name), lengths[file] ?? 0, noise, random);
    utimesSync(join(folder, name), modified, modified);
  }
  return { folder, names, sizes: lengths, bytes: lengths.reduce((sum, length) => sum + length, 0) };
}

/** Overwrites every hundredth file with other bytes of the same length. Returns the names. */
export function changeTree({ folder, names, sizes }: Tree, round: number): string[] {
  const random = seededRandom(SEED + round);
  const noise = makeNoise(random);
  return names.filter((name, file) => {
    if (file % 100 !== 0) return false;
    writeFileSync(join(folder, name), makeBody(sizes[file] ?? 0, noise, random));
    return true;
  });
}

/** MD5s of the files on the disk, by name. */
export function md5sOf({ folder, names }: Tree): Map<string, string> {
  return new Map(names.map((name) => [name, md5Of(join(folder, name))]));
}

function md5Of(path: string): string {
  const md5 = createHash('md5');
  const buffer = Buffer.alloc(CHUNK);
  const file = openSync(path, 'r');
  try {
    for (let read = -1; read !== 0; ) {
      read = readSync(file, buffer);
      md5.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return md5.digest('hex');
}

/** Writes in chunks, because a file may be larger than the largest buffer. */
function writeBody(path: string, length: number, noise: Buffer, random: Random): void {
  const file = openSync(path, 'w');
  try {
    for (let left = length; left > 0; left -= Math.min(CHUNK, left))
      writeSync(file, makeBody(Math.min(CHUNK, left), noise, random));
  } finally {
    closeSync(file);
  }
}

function nameOf(file: number): string {
  const number = (value: number, digits: number): string => String(value).padStart(digits, '0');
  const extension = EXTENSIONS[file % EXTENSIONS.length];
  return `section-${number(Math.floor(file / PER_FOLDER), 3)}/page-${number(file, 6)}.${extension}`;
}

/** Bytes that do not compress. */
function makeNoise(random: Random): Buffer {
  const words = Uint32Array.from({ length: 2 ** 18 }, () => random.word());
  return Buffer.from(words.buffer);
}

/** Copies parts of the noise, which is much faster than generating bytes. */
function makeBody(length: number, noise: Buffer, random: Random): Buffer {
  const body = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const from = random.word() % (noise.length - MIN_LENGTH);
    filled += noise.copy(body, filled, from);
  }
  return body;
}
