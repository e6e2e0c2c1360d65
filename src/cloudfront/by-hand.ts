import type { ReportInvalidation } from '../report/types.js';
import { EVERYTHING } from './auto-paths.js';

/** Paths that a command lists; more are one wildcard. */
const MOST_LISTED = 20;

/** The command that does what an invalidation of this run could not do. */
export function commandFor({
  distributionId,
  id,
  paths,
}: Pick<ReportInvalidation, 'distributionId' | 'id' | 'paths'>): string {
  return id === undefined
    ? createCommand(distributionId, paths)
    : `aws cloudfront wait invalidation-completed --distribution-id ${distributionId} --id ${id}`;
}

/** The command that invalidates these paths. */
export function createCommand(distributionId: string, paths: readonly string[]): string {
  const listed = paths.length > 0 && paths.length <= MOST_LISTED ? paths : [EVERYTHING];
  return `aws cloudfront create-invalidation --distribution-id ${distributionId} --paths ${listed.map(quoted).join(' ')}`;
}

/** A shell would expand a wildcard. */
function quoted(path: string): string {
  return /[$!"'`\\]/.test(path) ? `'${path.replaceAll("'", "'\\''")}'` : `"${path}"`;
}
