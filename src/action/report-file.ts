import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { type JsonError, jsonError, jsonText, plainOutcome } from '../report/json.js';
import type { Outcome, Report } from '../report/types.js';

/** The report of a run as a JSON file: every outcome, written when it arrives, and then the report's own fields. */
export interface ReportFile {
  readonly path: string;
  add(outcome: Outcome): Promise<void> | undefined;
  /** Ends the file; resolves with the error if it could not be written. */
  end(report: Report | undefined, error: Error | undefined): Promise<Error | undefined>;
}

/** @param folder exists longer than the step; the runner's temporary folder exists until the job ends */
export function reportFile(folder: string, name: string): ReportFile {
  const file = path.join(folder, name);
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  let broken: Error | undefined;
  let first = true;
  stream.on('error', (error) => {
    broken ??= error;
  });
  stream.write('{"outcomes":[');

  return {
    path: file,
    add(outcome) {
      if (broken !== undefined) return undefined;
      const line = jsonText(plainOutcome(outcome));
      const room = stream.write(`${first ? '\n' : ',\n'}${line}`);
      first = false;
      // A full disk does not stop the run; `end` reports it.
      return room ? undefined : once(stream, 'drain').then(nothing, nothing);
    },
    async end(report, error) {
      const errorField: { readonly error?: JsonError } = error === undefined ? {} : { error: jsonError(error) };
      const rest = jsonText({ ...report, ...errorField });
      if (broken === undefined) {
        stream.end(`\n]${rest === '{}' ? '' : `,${rest.slice(1, -1)}`}}\n`);
        await once(stream, 'close').catch(nothing);
      }
      return broken;
    },
  };
}

function nothing(): undefined {}
