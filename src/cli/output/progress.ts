import { formatBytes, number, printable, rateText, secondsText } from '../../report/format.js';
import { LONGEST_CODE, shorten } from '../../report/message.js';
import type { PhaseName, RunEvent } from '../../report/types.js';

/** Shows the progress of a run. */
export interface Progress {
  readonly onEvent: (event: RunEvent) => void;
  /** Prints a line above the bar; undefined without a bar. */
  readonly printAbove: ((line: string) => void) | undefined;
  /** Prints a line for people on stderr. */
  readonly note: (line: string) => void;
  /** Shows nothing while work is done that writes to the terminal, such as a question. */
  readonly pauseFor: <T>(work: () => Promise<T>) => Promise<T>;
  /** Ends it, after the lines that are still to be printed. */
  readonly stop: () => void;
}

type ProgressEvent = Extract<RunEvent, { type: 'progress' }>;

/** What a run does after its objects. */
const AFTERWARDS: Readonly<Partial<Record<PhaseName, string>>> = {
  invalidation: 'Invalidating',
  verify: 'Checking the live site',
};

/** A text for a phase in which no object changes; undefined for the others. */
export function afterwardsText(phase: PhaseName, seconds: number): string | undefined {
  const text = AFTERWARDS[phase];
  return text === undefined ? undefined : `${text}, ${secondsText(seconds)}`;
}

/** Milliseconds between two lines without a terminal. */
const LINE_EVERY_MS = 5_000;

/** Writes a line every `everyMs` milliseconds, the first after one interval. */
export function lineProgress(write: (line: string) => void, everyMs: number = LINE_EVERY_MS): Progress {
  const began = performance.now();
  let last: ProgressEvent | undefined;
  let retries = 0;
  let trouble = '';
  let phase: PhaseName = 'survey';
  const text = () => {
    const seconds = (performance.now() - began) / 1000;
    return afterwardsText(phase, seconds) ?? progressText(last, seconds);
  };
  let paused = false;
  const timer = setInterval(() => paused || write(`${text()}${trouble}`), everyMs);
  timer.unref();
  return {
    onEvent: (event) => {
      if (event.type === 'progress') last = event;
      if (event.type === 'phase') phase = event.phase;
      if (event.type !== 'retry') return;
      retries += 1;
      trouble = `, ${number(retries)} retries, last: ${printable(shorten('code' in event.error ? String(event.error.code) : event.error.name, LONGEST_CODE))}`;
    },
    printAbove: undefined,
    note: write,
    async pauseFor(work) {
      paused = true;
      try {
        return await work();
      } finally {
        paused = false;
      }
    },
    stop: () => clearInterval(timer),
  };
}

/** An object costs about as much time as this many bytes, whatever its size. */
const OBJECT_BYTES = 64 * 1024;

/**
 * How much of a run is done, from 0 to 1, and the seconds that the rest will take at the speed so far; undefined if the total is not known.
 * Bytes that an earlier run had sent are done, but do not count for the speed.
 */
export function shareOf(
  { objects, bytes, takenOver = 0, totalObjects, totalBytes }: ProgressEvent,
  seconds: number,
): { readonly done: number; readonly left: number | undefined } | undefined {
  if (totalObjects === undefined || totalObjects === 0) return undefined;
  const whole = totalObjects * OBJECT_BYTES + (totalBytes ?? 0);
  const work = objects * OBJECT_BYTES + bytes;
  const own = work - takenOver;
  return { done: Math.min(work / whole, 1), left: own > 0 ? Math.max(0, (seconds / own) * (whole - work)) : undefined };
}

/** `120 MB of it taken over`, with a comma before it; empty if nothing was taken over. */
export function takenOverText({ takenOver = 0 }: ProgressEvent): string {
  return takenOver > 0 ? `, ${formatBytes(takenOver)} of it taken over` : '';
}

/** `120 of 1,000 files, 1.2 MB of 8.0 MB, 35 files/s, 1.1 MB/s, 12.3 s, 1 min 10 s left`. @internal */
export function progressText(event: ProgressEvent | undefined, seconds: number): string {
  if (event === undefined) return `Looking at the files, ${secondsText(seconds)}`;
  const { objects, bytes, takenOver = 0, totalObjects, totalBytes } = event;
  const done = totalObjects === undefined ? number(objects) : `${number(objects)} of ${number(totalObjects)}`;
  const size = totalBytes === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
  const since = Math.max(seconds, 0.001);
  const rate = `${rateText(objects / since)} files/s, ${formatBytes((bytes - takenOver) / since)}/s`;
  const left = shareOf(event, seconds)?.left;
  const rest = left === undefined || left === 0 ? '' : `, ${secondsText(left)} left`;
  return `${done} files, ${size}${takenOverText(event)}, ${rate}, ${secondsText(seconds)}${rest}`;
}
