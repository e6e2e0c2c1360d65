import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Environment } from '../config/layers.js';
import type { Paint, Tone } from '../report/text.js';
import { type StopSignal, signalExitCode } from './errors.js';

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
  /** Why nothing more can be written: the reader closed the pipe (`EPIPE`, as with `| head`), the disk is full, and so on. */
  readonly broken: () => NodeJS.ErrnoException | undefined;
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

  async function flush(): Promise<void> {
    const text = pending;
    pending = '';
    flushed = undefined;
    if (broken !== undefined || text === '' || stream.write(text)) return;
    // The listener above handles a failure; here it only ends the wait.
    await once(stream, 'drain').catch(() => undefined);
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

/** SIGINT and SIGTERM during a run. */
export interface Signals {
  /** The first signal received. */
  readonly received: () => StopSignal | undefined;
  /** Restores the default handling of the signals. */
  readonly release: () => void;
}

/** The first signal calls `stop`; the second ends the process at once, after `beforeExit`. */
export function watchSignals(stop: (signal: StopSignal) => void, beforeExit: () => void): Signals {
  let first: StopSignal | undefined;
  const onSignal = (signal: StopSignal): void => {
    if (first === undefined) {
      first = signal;
      stop(signal);
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
