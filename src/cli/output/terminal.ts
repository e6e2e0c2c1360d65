import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Environment } from '../../config/layers.js';
import type { Paint, Tone } from '../../report/format.js';
import { EXIT, type StopSignal, signalExitCode } from '../errors.js';

/** The property of an output stream that is used here. */
export interface Output {
  readonly isTTY?: boolean;
}

const CODES: Readonly<Record<Tone, number>> = { good: 32, bad: 31, faint: 2, warning: 33 };

/**
 * Whether a stream gets colour: `NO_COLOR` turns it off (https://no-color.org), `FORCE_COLOR` other than `0` turns it on,
 * otherwise a terminal that is not `dumb` gets it.
 * @internal
 */
export function hasColour(stream: Output, env: Environment): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** The function that colours text for a stream, or leaves it as it is. */
export function paintFor(stream: Output, env: Environment): Paint {
  return hasColour(stream, env) ? (tone, text) => `\u001b[${CODES[tone]}m${text}\u001b[0m` : (_tone, text) => text;
}

/** Whether a line can be redrawn in place. */
export function canRedraw(stream: Output, env: Environment): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Lines to an output stream, as long as it can be written. */
export interface Lines {
  /** Writes a line soon; the promise resolves when the stream takes more. */
  readonly write: (line: string) => Promise<void> | undefined;
  /** Resolves when all lines are written. */
  readonly flush: () => Promise<void>;
  /** Why nothing more can be written: the reader has gone (`EPIPE`, as with `| head`), the disk is full, and so on. */
  readonly broken: () => NodeJS.ErrnoException | undefined;
}

/** What a write fails with when the reader has gone, on one system or another. */
const CLOSED: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED']);

/** Whether a write failed because nobody reads any more. Any other failure, such as a full disk, loses output that is wanted. */
export function isClosed({ code }: NodeJS.ErrnoException, stream: Output): boolean {
  // A terminal that was closed fails with EIO.
  return CLOSED.has(code) || (code === 'EIO' && stream.isTTY === true);
}

/** Writes a text and nothing after it; resolves with the exit code. A reader that has had enough is no error. */
export async function printText(stream: NodeJS.WritableStream & Output, text: string): Promise<number> {
  const error = await new Promise<Error | null | undefined>((resolve) => stream.write(text, resolve));
  if (error === null || error === undefined || isClosed(error, stream)) return EXIT.done;
  process.stderr.write(`s3-parallel-put: ${lostOutput('stdout', error)}\n`);
  return EXIT.failed;
}

/** The message for output that could not be written. */
export function lostOutput(name: 'stdout' | 'stderr', { code }: NodeJS.ErrnoException): string {
  return `${name} cannot be written (${code}): lines are missing there.`;
}

/** Characters that are collected before they are written. */
const MOST = 64 * 1024;

/** `onBroken` is called once, when the stream fails; later lines are dropped. */
export function linesTo(stream: NodeJS.WritableStream, onBroken: () => void): Lines {
  let broken: NodeJS.ErrnoException | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (broken !== undefined) return;
    broken = error;
    onBroken();
  });
  let pending = '';
  let flushed: Promise<void> | undefined;
  let drained: Promise<void> | undefined;

  // What comes while the reader is behind is written after what it has not read yet, so that one wait is enough for all.
  async function flush(): Promise<void> {
    while (drained !== undefined) await drained;
    const text = pending;
    pending = '';
    flushed = undefined;
    if (broken !== undefined || text === '' || stream.write(text)) return;
    drained = drain();
    await drained;
  }

  async function drain(): Promise<void> {
    // The listener above handles a failure; here it only ends the wait.
    await once(stream, 'drain').catch(() => undefined);
    drained = undefined;
  }

  return {
    write(line) {
      pending += `${line}\n`;
      if (pending.length >= MOST) return flush();
      // Lines of one turn of the event loop are written together: a write for each line takes longer than many puts.
      flushed ??= nextTurn().then(flush);
      return undefined;
    },
    flush: () => flushed ?? flush(),
    broken: () => broken,
  };
}

/** Errors of a stream that is written to without waiting. */
export interface StreamErrors {
  /** Resolves, once everything is written, with whether output was lost that somebody reads. */
  readonly lost: () => Promise<boolean>;
}

/** Watches a stream for errors. */
export function watchErrors(stream: NodeJS.WritableStream & Output): StreamErrors {
  let lost = false;
  const onError = (error: NodeJS.ErrnoException): void => {
    lost ||= !isClosed(error, stream);
  };
  stream.on('error', onError);
  return {
    async lost() {
      await new Promise((resolve) => stream.write('', resolve));
      stream.off('error', onError);
      return lost;
    },
  };
}

/** SIGINT and SIGTERM during a run. */
export interface Signals {
  /** The first signal received. */
  readonly received: () => StopSignal | undefined;
  /** Restores the default handling of the signals. */
  readonly release: () => void;
}

/**
 * The first signal calls `stop`; the second ends the process at once, after `beforeExit`. Where there is a `stopNow`, the second one calls it, and the
 * third ends the process.
 */
export function watchSignals(
  stop: (signal: StopSignal) => void,
  beforeExit: () => void,
  stopNow?: () => void,
): Signals {
  let first: StopSignal | undefined;
  let hurry = stopNow;
  const onSignal = (signal: StopSignal): void => {
    if (first === undefined) {
      first = signal;
      stop(signal);
      return;
    }
    if (hurry !== undefined) {
      hurry();
      hurry = undefined;
      return;
    }
    beforeExit();
    process.exit(signalExitCode(signal));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    received: () => first,
    release: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
