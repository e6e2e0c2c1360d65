import { join, sep } from 'node:path';
import type { Outcome } from 's3-parallel-put';
import type Vinyl from 'vinyl';
import { createState, type S3File } from './file-state.js';

export interface DeletedFileOptions {
  /** A file of the stream. The new one has its `cwd` and `base`, and is of the same Vinyl: that of the user's gulp. */
  readonly like: Vinyl;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  readonly url: string;
  /** The outcome says what would be deleted. */
  readonly dryRun: boolean;
}

type VinylClass = new (options: { readonly cwd: string; readonly base: string; readonly path: string }) => S3File;

/** Returns a file without contents that stands for a deleted object, at the path that its key would come from. */
export function deletedFile(outcome: Outcome, { like, prefix, url, dryRun }: DeletedFileOptions): S3File {
  const { cwd, base } = like;
  // Vinyl itself clones files by their constructor, so every subclass takes these options.
  const file = new (like.constructor as VinylClass)({ cwd, base, path: join(base, localPath(outcome.key, prefix)) });
  const settings = { path: undefined, headers: undefined };
  file.s3 = createState({ outcome, dryRun, headers: {}, key: outcome.key, url, reason: outcome.reason, settings });
  return file;
}

/** Bytes that a name cannot have on this system, or that would end it. */
const UNUSABLE = sep === '\\' ? /[\\:]/g : /(?!)/g;

/** A relative path for a key, which others may have chosen: no `..` in it leads out of the folder. */
function localPath(key: string, prefix: string): string {
  const segments = key.slice(prefix.length).replace(/\/$/, '').split('/');
  return segments
    .map((segment) => (/^\.{0,2}$/.test(segment) ? dots(segment) : segment.replace(UNUSABLE, encoded)))
    .join(sep);
}

function dots(segment: string): string {
  return segment === '' ? '%2F' : '%2E'.repeat(segment.length);
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
