import { type JsonError, jsonError, jsonText, plainOutcome } from '../report/json.js';
import type { OnEvent, Outcome, Report } from '../report/types.js';
import { textFile } from './text-file.js';

/** A file that takes the outcomes of a run when they arrive. */
export interface OutcomeFile {
  readonly path: string;
  readonly add: (outcome: Outcome) => Promise<void> | undefined;
  /** Takes every event too. */
  readonly onEvent?: OnEvent;
}

/** The report of a run as a JSON file: every outcome, written when it arrives, and then the report's own fields. */
export interface ReportFile extends OutcomeFile {
  /** Ends the file; resolves with the error if it could not be written. */
  readonly end: (report: Report | undefined, error: Error | undefined) => Promise<Error | undefined>;
}

/** @param folder exists longer than the step; the runner's temporary folder exists until the job ends */
export function reportFile(folder: string, name: string): ReportFile {
  const file = textFile(folder, name);
  let first = true;
  file.write('{"outcomes":[');
  return {
    path: file.path,
    add(outcome) {
      const written = file.write(`${first ? '\n' : ',\n'}${jsonText(plainOutcome(outcome))}`);
      first = false;
      return written;
    },
    end(report, error) {
      const errorField: { readonly error?: JsonError } = error === undefined ? {} : { error: jsonError(error) };
      const rest = jsonText({ ...report, ...errorField });
      return file.end(`\n]${rest === '{}' ? '' : `,${rest.slice(1, -1)}`}}\n`);
    },
  };
}
