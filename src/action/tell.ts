import * as core from '@actions/core';
import { RunStoppedError } from '../errors.js';
import { printable } from '../report/text.js';
import { annotationsOf } from './annotations.js';
import type { Done } from './done.js';
import { inActionWords } from './in-action-words.js';
import type { Log } from './log.js';

/** Failures that are listed in the log. */
const SHOWN = 1_000;

/** What failed, and what deserves a warning: outside of the group, and as annotations. */
export function tell(error: Error | undefined, done: Done, log: Log): void {
  const stoppedBy = error instanceof RunStoppedError ? error.code : undefined;
  // What ended the run is told once, and not for each object that met it.
  const failures = (done.report?.failures ?? []).filter(({ code }) => stoppedBy === undefined || code !== stoppedBy);
  for (const { origin, message, hint } of failures.slice(0, SHOWN)) {
    log.info(printable(`failed: ${origin}: ${message}`));
    if (hint !== undefined) log.info(`  ${printable(inActionWords(hint))}`);
  }
  if (failures.length > SHOWN) log.info(`… and ${failures.length - SHOWN} more, in the report.`);
  for (const one of annotationsOf({ told: done.told, error, warnings: done.warnings })) {
    const { level, title, message, file, line, column } = one;
    const place = {
      title,
      ...(file !== undefined && { file }),
      ...(line !== undefined && { startLine: line }),
      ...(column !== undefined && { startColumn: column }),
    };
    if (level === 'error') core.error(message, place);
    else if (level === 'warning') core.warning(message, place);
    else core.notice(message, place);
  }
  const bug = error !== undefined && !('hint' in error) && error.name === 'TypeError';
  if (bug || (error !== undefined && log.debugs)) log.debug(error?.stack ?? '');
}
