import * as core from '@actions/core';
import type { Log } from './log.js';

/** The runner's log; nothing that is written to it is taken for a command. */
export function runnerLog(): Log {
  return {
    info: (line) => core.info(inert(line)),
    debug: (line) => core.debug(inert(line)),
    group: (title) => core.startGroup(inert(title)),
    endGroup: core.endGroup,
    debugs: core.isDebug(),
  };
}

/**
 * Names of files and answers of servers are written by others: the runner takes a line that begins with `::` for a command, and one with `##[`
 * anywhere.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function inert(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, '$1\\x3a').replaceAll('##[', '#\\x23[');
}
