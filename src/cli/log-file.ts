import { createWriteStream, openSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { linesTo } from './lines.js';
import { isLogged, type LogEntry, logLine } from './log-lines.js';
import type { LogAsked } from './output-options.js';

/** What a run tells for later. */
export interface Log {
  /** Adds a line, if the level has it; what it returns resolves when there is room for more. */
  readonly add: (entry: LogEntry | undefined) => Promise<void> | undefined;
  /** Resolves when all is written, or with why it could not be. */
  readonly close: () => Promise<NodeJS.ErrnoException | undefined>;
}

/** Opens the log that is asked for, if one is; throws `UsageError` for a file that cannot be opened. */
export function openLog(asked: LogAsked, stderr: NodeJS.WritableStream): Log {
  const { file, level } = asked;
  const stream: NodeJS.WritableStream = file === undefined ? stderr : createWriteStream(file, { fd: opened(file) });
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
      // Nobody to talk to on stderr changes nothing.
      return stream === stderr ? undefined : lines.broken();
    },
  };
}

function opened(file: string): number {
  try {
    return openSync(file, 'a');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const hint = code === 'ENOENT' ? 'Its folder does not exist.' : 'Name a file that can be written.';
    throw new UsageError(`The log file "${file}" cannot be opened (${code}).`, hint);
  }
}
