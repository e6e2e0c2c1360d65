import type { CiAttempt } from '../report/types.js';
import type { Environment } from './layers.js';

/**
 * Which attempt of a workflow's run this is, as GitHub's runner says; undefined elsewhere.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 */
export function ciAttempt({
  GITHUB_RUN_ID: run = '',
  GITHUB_RUN_ATTEMPT: number = '',
}: Environment): CiAttempt | undefined {
  return /^[\w-]{1,64}$/.test(run) && /^[1-9]\d{0,5}$/.test(number) ? { run, number: Number(number) } : undefined;
}
