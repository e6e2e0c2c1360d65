import * as core from '@actions/core';
import { formatBytes, number, printable, secondsText } from '../report/format.js';
import type { RunEvent } from '../report/types.js';

/** The part of the runner's log that the Action uses. */
export interface RunnerLog {
  readonly info: (line: string) => void;
  readonly debug: (line: string) => void;
  /** Begins a group of lines that can be folded. */
  readonly group: (title: string) => void;
  readonly endGroup: () => void;
  /** Whether debug lines are shown. */
  readonly isDebug: boolean;
}

/** Time between two progress lines. */
const HEARTBEAT_MS = 10_000;

/** Writes the progress of a run every 10 s, and each request if debug lines are shown. */
export function runLog(
  log: RunnerLog,
  everyMs: number = HEARTBEAT_MS,
): { onEvent: (event: RunEvent) => void; stop: () => void } {
  const began = performance.now();
  let last: Extract<RunEvent, { type: 'progress' }> | undefined;
  let retries = 0;
  const timer = setInterval(() => log.info(heartbeat(last, retries, (performance.now() - began) / 1_000)), everyMs);
  timer.unref();
  return {
    onEvent(event) {
      if (event.type === 'progress') last = event;
      if (event.type === 'retry') retries += 1;
      if (log.isDebug) {
        const line = debugLine(event);
        if (line !== undefined) log.debug(printable(line));
      }
    },
    stop: () => clearInterval(timer),
  };
}

function heartbeat(
  event: Extract<RunEvent, { type: 'progress' }> | undefined,
  retries: number,
  seconds: number,
): string {
  const since = `after ${secondsText(seconds)}`;
  if (event === undefined) return `Still looking, ${since}.`;
  const { objects, bytes, totalObjects, totalBytes, inFlight } = event;
  const done = totalObjects === undefined ? number(objects) : `${number(objects)} of ${number(totalObjects)}`;
  const size = totalBytes === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
  const again = retries === 0 ? '' : `, ${number(retries)} retries`;
  return `Still working: ${done} objects, ${size}, ${inFlight} requests in flight${again}, ${since}.`;
}

function debugLine(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'request': {
      const { verb, key = '', status, durationMs, requestId } = event;
      const id = requestId === undefined ? '' : `, request ${requestId}`;
      return `${verb} ${key}: ${status ?? 'no answer'} in ${Math.round(durationMs)} ms${id}`;
    }
    case 'retry':
      return `retry of ${event.verb} ${event.key ?? ''} after ${event.attempt} in ${Math.round(event.delayMs)} ms: ${event.error.message}`;
    case 'throttle':
      return `throttled: ${event.verb} ${event.key ?? ''}`;
    case 'phase':
      return `phase ${event.phase}`;
    default:
      return undefined;
  }
}

/** The runner's log; no text written to it can act as a workflow command, or on a terminal. */
export function runnerLog(): RunnerLog {
  return {
    info: (line) => core.info(escapeCommands(line)),
    debug: (line) => core.debug(escapeCommands(line)),
    group: (title) => core.startGroup(escapeCommands(title)),
    endGroup: core.endGroup,
    isDebug: core.isDebug(),
  };
}

/**
 * Escapes workflow commands in text that others control, such as file names and responses: for the runner a line that begins with `::`, or has
 * `##[` anywhere, is a command.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
function escapeCommands(text: string): string {
  const lines = text.split('\n').map(printable).join('\n');
  return lines.replace(/^([^\S\n]*):(?=:)/gm, '$1\\x3a').replaceAll('##[', '#\\x23[');
}
