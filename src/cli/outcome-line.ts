import { outcomeJson } from '../report/json.js';
import type { Outcome } from '../report/outcome.js';
import { outcomeText } from '../report/text.js';
import { inCliWords } from './in-cli-words.js';
import type { OutputOptions } from './output-options.js';
import { paintFor } from './terminal.js';

/** What lines and summary of a run need to know of it. */
export interface Shown {
  /** Name of the bucket that is written. */
  readonly bucket: string;
  readonly dryRun: boolean;
  readonly doing: 'put' | 'copy';
}

/** The name of a bucket that is given by name or as `s3://bucket/prefix`. */
export function bucketName(place: string): string {
  return /^s3:\/\/([^/]*)/.exec(place)?.[1] ?? place;
}

/** How outcomes are written: undefined for those that the options leave out. */
export function lineFormat(
  shown: Shown,
  { json, verbose, quiet }: OutputOptions,
): (outcome: Outcome) => string | undefined {
  if (json) return outcomeJson;
  const text = { ...shown, paint: paintFor(process.stdout, process.env), hint: inCliWords };
  return (outcome) => {
    const wanted = outcome.action === 'fail' || (!quiet && (verbose || outcome.action !== 'skip'));
    return wanted ? outcomeText(outcome, text) : undefined;
  };
}
