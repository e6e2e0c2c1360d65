import { outcomeJson } from '../../report/json.js';
import type { OriginRule } from '../../report/origin.js';
import { outcomeText } from '../../report/text.js';
import type { Outcome } from '../../report/types.js';
import { withFlags } from '../errors.js';
import type { OutputOptions } from './lines.js';
import { paintFor } from './terminal.js';

/** The facts of a run that its lines and summary need. */
export interface RunInfo {
  readonly dryRun: boolean;
  readonly doing: 'put' | 'copy' | 'delete';
  readonly bucket: string;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
  /** Keys that the source does not have are deleted. */
  readonly deletes?: boolean;
  /** The headers of unchanged objects are compared. */
  readonly comparesHeaders?: boolean;
  /** Which origins its lines need not name. */
  readonly origins: OriginRule;
  /** The sources as the user knows them, where the engine knows them otherwise. */
  readonly from?: readonly string[];
}

/** Lines on a terminal before the others fold into the progress bar. */
const MOST_LINES = 200;
/** Hints that are remembered: more differ by their keys, and a run may have any number of failures. */
const MOST_HINTS = 1_000;
const FOLDED = '… more lines are folded; -v shows all';

/**
 * Gives the line of an outcome; undefined for outcomes that the options leave out.
 * @param folds whether only the first lines are shown, and all failures
 */
export function lineFormat(
  run: Omit<RunInfo, 'bucket' | 'prefix'>,
  { json, verbose, quiet }: OutputOptions,
  folds: boolean,
): (outcome: Outcome) => string | undefined {
  if (json) return outcomeJson;
  const text = { ...run, verbose, paint: paintFor(process.stdout, process.env), render: withFlags };
  const most = folds && !verbose ? MOST_LINES : Number.POSITIVE_INFINITY;
  let lines = 0;
  let folded = false;
  const hints = new Set<string>();
  /** A failure with its hint, where no earlier one had the same: failures mostly come in numbers, for one cause. */
  const failure = (outcome: Outcome): string => {
    const [line = '', hint] = outcomeText(outcome, text).split('\n');
    if (hint === undefined || hints.has(hint)) return line;
    if (hints.size < MOST_HINTS) hints.add(hint);
    return `${line}\n${hint}`;
  };
  return (outcome) => {
    const { action, shared } = outcome;
    // The error that ends a run is shown once, at the end.
    if (shared === true) return undefined;
    if (action === 'fail' || action === 'unknown') return failure(outcome);
    if (quiet || (action === 'skip' && !verbose)) return undefined;
    if (lines >= most) {
      const isFirst = !folded;
      folded = true;
      return isFirst ? text.paint('faint', FOLDED) : undefined;
    }
    const shown = outcomeText(outcome, text);
    // Where headers differ, an outcome has several.
    lines += shown.split('\n').length;
    return shown;
  };
}
