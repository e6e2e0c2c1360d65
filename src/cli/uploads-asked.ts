import { UsageError } from '../errors.js';
import type { Values } from '../settings/engine-options.js';
import type { UploadsOptions } from '../uploads.js';
import { isS3Url, type WordPlaces } from './operands.js';
import type { OutputOptions } from './output-options.js';

/** The command `uploads`, as a command line asks for it. */
export interface UploadsAsked {
  readonly command: 'uploads';
  readonly options: UploadsOptions;
  readonly output: OutputOptions;
  /** Abort without asking. */
  readonly yes: boolean;
}

const TAKEN = [
  'bucket',
  'prefix',
  'endpointUrl',
  'region',
  'forcePathStyle',
  'secure',
  'profile',
  'proxy',
  'httpClient',
  'requestPayer',
  'expectedBucketOwner',
  'maxAttempts',
  'dryRun',
  'abortOlderThan',
  'any',
] as const;

/** Where uploads are looked for, among the words of a command line; throws `UsageError` for anything else. */
export function uploadsPlace(words: readonly string[]): WordPlaces {
  const [destination, extra] = words;
  if (extra !== undefined) throw new UsageError(`The command "uploads" takes one place, but "${extra}" follows.`);
  if (destination !== undefined && !isS3Url(destination))
    throw new UsageError(`"${destination}" is no bucket.`, `Write s3://${destination.replace(/^\/+/, '')}.`);
  return { source: [], destination };
}

/** Puts the command together; throws `UsageError` where it asks for nothing that makes sense. */
export function uploadsAsked(values: Values, output: OutputOptions): UploadsAsked {
  if (values.abortOlderThan === undefined && (values.any === true || values.yes === true))
    throw new UsageError(
      '--any and --yes say which uploads are aborted, but nothing is to be.',
      'Add --abort-older-than 7d.',
    );
  const bucket = values.bucket;
  if (typeof bucket !== 'string')
    throw new UsageError('No bucket is given.', 'Write s3-parallel-put uploads s3://bucket/prefix.');
  const options = Object.fromEntries(
    TAKEN.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]),
  );
  return { command: 'uploads', options: { ...options, bucket }, output, yes: values.yes === true };
}
