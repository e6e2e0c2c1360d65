import type { PutOptions } from '../put-options.js';
import type { Report } from '../report/report.js';
import type { Log } from './log.js';
import { collector, type Told } from './told.js';

/** What came of a step. */
export interface Done {
  readonly report: Report | undefined;
  readonly error: Error | undefined;
  readonly told: Told;
  readonly warnings: readonly string[];
  readonly url: string;
  readonly reportPath: string;
  /** The job summary as Markdown; undefined where there is nothing to tell. */
  readonly summary: ((error: Error | undefined) => string) | undefined;
}

export const NOTHING_DONE: Done = {
  report: undefined,
  error: undefined,
  told: collector().told(),
  warnings: [],
  url: '',
  reportPath: '',
  summary: undefined,
};

/** What every command is given beside its own options. */
export type Given = Pick<PutOptions, 'credentials' | 'onCredentials'>;

export interface CommandDeps {
  readonly log: Log;
  readonly cancelled: AbortSignal;
}
