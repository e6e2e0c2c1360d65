import type { Report } from '../report/types.js';

/** Outputs of the Action, small values all of them. */
export interface Outputs {
  readonly changed: boolean;
  readonly put: number;
  readonly copied: number;
  readonly skipped: number;
  readonly failed: number;
  readonly bytes: number;
  readonly 'duration-ms': number;
  readonly url: string;
  readonly 'report-path': string;
}

export interface OutputFacts {
  readonly report: Report | undefined;
  readonly url: string;
  readonly reportPath: string;
  /** Since the run began. */
  readonly durationMs: number;
}

/** What the step tells those after it, also where the run failed. */
export function outputsOf({ report, url, reportPath, durationMs }: OutputFacts): Outputs {
  const { put = 0, copy = 0, skip = 0, fail = 0, metadata = 0, delete: deleted = 0 } = report?.counts ?? {};
  return {
    changed: report?.dryRun !== true && put + copy + metadata + deleted > 0,
    put,
    copied: copy,
    skipped: skip,
    failed: fail,
    bytes: report?.bytes ?? 0,
    'duration-ms': Math.round(report === undefined ? durationMs : report.seconds * 1_000),
    url,
    'report-path': reportPath,
  };
}

/** Where visitors find what was put: the site's address and the prefix; empty where no address is given. */
export function urlOf(site: string | undefined, prefix: string): string {
  if (site === undefined) return '';
  const below = prefix
    .split('/')
    .filter((segment) => segment !== '')
    .map(encodeURIComponent)
    .join('/');
  return below === '' ? site : `${site.replace(/\/+$/, '')}/${below}/`;
}
