import { UsageError } from './errors.js';
import { oneOf } from './option-checks.js';
import { RESUMES, type ResumeChoice } from './option-values.js';
import { LARGEST_PART, SMALLEST_PART } from './part-size.js';
import type { Size } from './put-options.js';
import { parseSize } from './size.js';

/** Bytes above which an object goes up in parts. */
const THRESHOLD = 16 * 1024 * 1024;

/** How objects go up in parts. */
export interface PartChoices {
  /**
   * Bytes of the parts of larger objects, from 5 MiB to 5 GiB; doubled where an object would have more than 9,999. By default the smallest power of
   * two from 8 MiB that gives at most 8,192 parts. Another size gives another ETag.
   */
  readonly partSize?: Size | undefined;
  /** Objects above it go up in parts; from 5 MiB, at most 5 GiB. @default '16MiB' */
  readonly multipartThreshold?: Size | undefined;
  /**
   * What becomes of unfinished uploads. `on`: the same run made again sends only the parts that are missing, where the server allows a proof;
   * `unproven`: also where only the parts can be compared; `off`: none is looked for, and what fails is aborted. @default 'on'
   */
  readonly resume?: ResumeChoice | undefined;
}

/** How objects go up in parts, checked. */
export interface PartOptions {
  /** Bytes; undefined for the rule. */
  readonly partSize: number | undefined;
  /** Bytes. */
  readonly multipartThreshold: number;
  readonly resume: ResumeChoice;
}

/** Checks the options about parts. Throws `UsageError` with the limits of S3. */
export function partOptions({ partSize, multipartThreshold, resume }: PartChoices): PartOptions {
  return {
    partSize: partSize === undefined ? undefined : within('partSize', partSize),
    multipartThreshold: multipartThreshold === undefined ? THRESHOLD : within('multipartThreshold', multipartThreshold),
    resume: oneOf('resume', resume ?? 'on', RESUMES),
  };
}

function within(name: 'partSize' | 'multipartThreshold', value: number | string): number {
  const bytes = parseSize(value, name);
  if (bytes >= SMALLEST_PART && bytes <= LARGEST_PART) return bytes;
  const why = name === 'partSize' ? 'S3 takes parts from 5 MiB to 5 GiB' : 'it must be from 5 MiB to 5 GiB';
  throw new UsageError(
    `${name} is ${JSON.stringify(value)} (${bytes} bytes); ${why}.`,
    'Leave it out for the default.',
  );
}
