import { counted, printable } from './format.js';
import { shorten } from './message.js';
import type { Report, ReportInvalidation } from './types.js';

/** Paths that a line lists. */
const LISTED = 10;

/** What became of the invalidations of one distribution. */
export interface DistributionInvalidations {
  readonly distributionId: string;
  readonly paths: readonly string[];
  /** Ids of those that were created. */
  readonly ids: readonly string[];
  readonly status: ReportInvalidation['status'];
}

/** The invalidations of a report by distribution and by what became of them, in their order. */
export function invalidationsByStatus({ invalidations = [] }: Report): readonly DistributionInvalidations[] {
  const groups = new Map<
    string,
    { distributionId: string; paths: string[]; ids: string[]; status: ReportInvalidation['status'] }
  >();
  for (const { distributionId, id, paths, status } of invalidations) {
    const name = `${distributionId} ${status}`;
    const group = groups.get(name) ?? { distributionId, paths: [], ids: [], status };
    groups.set(name, group);
    group.paths.push(...paths);
    if (id !== undefined) group.ids.push(id);
  }
  return [...groups.values()];
}

/** The first paths, for a person: `/, /docs/*, and 12 more`. */
export function somePaths(paths: readonly string[], write: (path: string) => string = printable): string {
  const more = paths.length > LISTED ? [`and ${paths.length - LISTED} more`] : [];
  return [...paths.slice(0, LISTED).map((path) => write(shorten(path, 200))), ...more].join(', ');
}

/** What was invalidated, a line for each distribution: `Invalidated 7 paths in E2QWRUHEXAMPLE (I2J0I21PCUYOIK, in progress).` */
export function invalidationLines(report: Report, { verbose }: { readonly verbose: boolean }): readonly string[] {
  return invalidationsByStatus(report).map(({ distributionId, paths, ids, status }) => {
    const what = `${counted(paths.length, 'path', 'paths')} in ${distributionId}`;
    const list = somePaths(paths);
    if (status === 'planned') return `Would invalidate ${what}: ${list}.`;
    if (status === 'failed') return `Not invalidated: ${what}: ${list}.`;
    const state = status === 'completed' ? '' : ', in progress';
    return `Invalidated ${what} (${ids.join(', ')}${state})${verbose ? `: ${list}` : ''}.`;
  });
}
