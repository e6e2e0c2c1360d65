import { SourceError } from '../../errors.js';
import type { CopyEntry } from '../../source/bucket-source.js';

/** An abort cuts off what is on its way; whether the server has done it nobody told. */
export function interrupted({ origin }: CopyEntry): SourceError {
  return new SourceError(
    'Interrupted',
    `${origin} was on its way when the run was aborted; the destination may hold it or not`,
    {
      hint: 'Run again: what is there is compared and skipped.',
    },
  );
}
