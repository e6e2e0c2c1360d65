import { UsageError } from '../errors.js';
import { isS3Url } from './operands.js';

/** Where a copy goes from and to. */
export interface CopyPlaces {
  readonly source: string;
  readonly destination: string;
}

const USAGE = 'Write s3-parallel-put copy s3://source/path s3://destination/prefix.';

/** Source and destination among the words of a copy; throws `UsageError` for anything but two places in buckets. */
export function copyPlaces(words: readonly string[]): CopyPlaces {
  const [source, destination, extra] = words;
  if (source === undefined) throw new UsageError('No source is given.', USAGE);
  if (!isS3Url(source)) throw notABucket(source);
  if (destination === undefined)
    throw new UsageError(
      `No destination is given: "${source}" is the source.`,
      `Write copy ${source} s3://DEST. The destination that s3copy had without one, temp/dest in the same bucket, is not kept.`,
    );
  if (extra !== undefined)
    throw new UsageError(
      `The command "copy" takes a source and a destination, but "${extra}" follows.`,
      'Several parts of a source are named by --key and --from-prefix; copy each source by itself.',
    );
  if (!isS3Url(destination)) throw download(destination);
  return { source, destination };
}

function notABucket(word: string): UsageError {
  if (/^s3:\/*/i.test(word)) return new UsageError(`"${word}" is no bucket.`, urlHint(word));
  return new UsageError(
    `"${word}" is no bucket, and copy takes its source from one.`,
    'What lies on this machine is put: s3-parallel-put put SOURCE s3://bucket/prefix.',
  );
}

function download(word: string): UsageError {
  if (/^s3:\/*/i.test(word)) return new UsageError(`"${word}" is no bucket.`, urlHint(word));
  return new UsageError(
    `"${word}" is no bucket, and downloads are not supported.`,
    'To this machine: aws s3 cp or aws s3 sync. A bucket is written s3://bucket/prefix.',
  );
}

function urlHint(word: string): string {
  return `Write s3://${word.replace(/^s3:\/*/i, '')}.`;
}
