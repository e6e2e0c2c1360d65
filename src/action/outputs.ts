import type { Report } from '../report/types.js';

/** Outputs of the Action; all are small values. */
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

/** The outputs for later steps, also of a failed run. */
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

/** The URL where visitors find the put objects: the site's address and the prefix; empty if no address is given. */
export function urlOf(site: string | undefined, prefix: string): string {
  if (site === undefined) return '';
  const below = prefix
    .split('/')
    .filter((segment) => segment !== '')
    .map(encodeURIComponent)
    .join('/');
  return below === '' ? site : `${site.replace(/\/+$/, '')}/${below}/`;
}
