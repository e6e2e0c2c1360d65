import { createWriteStream, openSync } from 'node:fs';
import { UsageError } from '../../errors.js';
import { hintFor } from '../../model/hints.js';
import { LOG_LEVELS } from '../../options/types.js';
import { batchJobText } from '../../report/batch-jobs.js';
import { printable } from '../../report/format.js';
import { LONGEST_TEXT, shorten, type Text, textIn } from '../../report/message.js';
import { startText } from '../../report/start.js';
import { outcomeText, type TextOptions } from '../../report/text.js';
import type { Outcome, OutcomeAction, RunEvent } from '../../report/types.js';
import { linesTo } from './terminal.js';

/** A log of a run. */
export interface Log {
  /** Writes a line, if the level includes it; the promise resolves when the stream takes more. */
  readonly add: (entry: LogEntry | undefined) => Promise<void> | undefined;
  /** Resolves when everything is written, with the error if writing failed. */
  readonly close: () => Promise<NodeJS.ErrnoException | undefined>;
}

/** Opens a log; throws `UsageError` for a file that cannot be opened. */
export function openLog(options: LogOptions, stderr: NodeJS.WritableStream): Log {
  const { file, level } = options;
  const stream: NodeJS.WritableStream = file === undefined ? stderr : createWriteStream(file, { fd: openFile(file) });
  const lines = linesTo(stream, () => undefined);
  return {
    add: (entry) =>
      entry !== undefined && isLogged(entry.level, level) ? lines.write(logLine(entry, new Date())) : undefined,
    async close() {
      await lines.flush();
      if (stream !== stderr && lines.broken() === undefined)
        await new Promise<void>((resolve) => {
          stream.once('close', resolve);
          stream.end();
        });
      // A closed stderr is ignored.
      return stream === stderr ? undefined : lines.broken();
    },
  };
}

function openFile(file: string): number {
  try {
    return openSync(file, 'a');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const hint = hintFor({ code: code ?? '', verb: 'write' }) ?? 'Name a file that can be written.';
    throw new UsageError(`The log file "${file}" cannot be opened (${code}).`, hint);
  }
}

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A line of a log, and its level. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly text: string;
}

/** Whether a log of level `wanted` includes an entry of level `entry`. @internal */
export function isLogged(entry: LogLevel, wanted: LogLevel): boolean {
  return LOG_LEVELS.indexOf(entry) <= LOG_LEVELS.indexOf(wanted);
}

/** A line holds a path, a URL, a message and a hint, each of which may be long. */
const LONGEST_LINE = 4 * LONGEST_TEXT;

/** `2026-01-31T12:00:00.000Z info uploaded docs/a (new, 3 B)`: one line, whatever the text holds. @internal */
export function logLine({ level, text }: LogEntry, now: Date): string {
  return `${now.toISOString()} ${level} ${printable(shorten(text, LONGEST_LINE))}`;
}

/** The log entry of an outcome: the line for people without colours, with a hint, or the headers that change, in parentheses after it. */
export function outcomeEntry(outcome: Outcome, options: Omit<TextOptions, 'paint'>): LogEntry {
  const [line = '', ...more] = outcomeText(outcome, { ...options, paint: undefined }).split('\n');
  const { action } = outcome;
  return {
    level: LEVELS[action] ?? 'info',
    text: more.length === 0 ? line : `${line} (${more.map((text) => text.trim()).join('; ')})`,
  };
}

const LEVELS: Readonly<Partial<Record<OutcomeAction, LogLevel>>> = { fail: 'error', unknown: 'warning', skip: 'debug' };

/** The log entry of an event; undefined for events about progress. */
export function eventEntry(event: RunEvent, render: (text: Text) => string): LogEntry | undefined {
  switch (event.type) {
    case 'start':
      return { level: 'info', text: startText(event) };
    case 'warning':
      return { level: 'warning', text: render(textIn(event, 'message')) };
    case 'batchJob':
      return { level: 'info', text: batchJobText(event.job) };
    case 'request': {
      const status = event.status === undefined ? 'no answer' : String(event.status);
      return { level: 'debug', text: `${verbAndKey(event)}: ${status} in ${Math.round(event.durationMs)} ms` };
    }
    case 'retry': {
      const { attempt, delayMs, error } = event;
      const after = `after try ${attempt}, in ${Math.round(delayMs)} ms`;
      return { level: 'debug', text: `${verbAndKey(event)}: again ${after}: ${error.message}` };
    }
    case 'throttle':
      return { level: 'debug', text: `${verbAndKey(event)}: asked to slow down` };
    default:
      return undefined;
  }
}

function verbAndKey({ verb, key }: { readonly verb: string; readonly key: string | undefined }): string {
  return key === undefined ? verb : `${verb} ${key}`;
}

/** Where a log is written, and its level. */
export interface LogOptions {
  /** Undefined for stderr. */
  readonly file: string | undefined;
  readonly level: LogLevel;
}
