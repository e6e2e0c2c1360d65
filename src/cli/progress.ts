import type { Event } from '../report/event.js';
import { number, rateText, secondsText } from '../report/text.js';
import { formatBytes } from '../size.js';

/** Shows how far a run is. */
export interface Progress {
  readonly onEvent: (event: Event) => void;
  /** Prints a line where a bar would be in its way; undefined where nothing is. */
  readonly printAbove: ((line: string) => void) | undefined;
  /** Ends it, after what is still to be printed. */
  readonly stop: () => void;
}

type ProgressEvent = Extract<Event, { type: 'progress' }>;

/** Milliseconds between two lines where there is no terminal. */
const LINE_EVERY_MS = 5_000;

/** Writes a line now and then, from the first interval on. */
export function lineProgress(write: (line: string) => void, everyMs: number = LINE_EVERY_MS): Progress {
  const began = performance.now();
  let last: ProgressEvent | undefined;
  let retries = 0;
  let trouble = '';
  const text = () => progressText(last, (performance.now() - began) / 1000);
  const timer = setInterval(() => write(`${text()}${trouble}`), everyMs);
  timer.unref();
  return {
    onEvent: (event) => {
      if (event.type === 'progress') last = event;
      if (event.type !== 'retry') return;
      retries += 1;
      trouble = `, ${number(retries)} retries, last: ${'code' in event.error ? String(event.error.code) : event.error.name}`;
    },
    printAbove: undefined,
    stop: () => clearInterval(timer),
  };
}

/** `120 of 1,000 files, 1.2 MB of 8.0 MB, 35 files/s, 12.3 s`. */
export function progressText(event: ProgressEvent | undefined, seconds: number): string {
  if (event === undefined) return `Looking at the files, ${secondsText(seconds)}`;
  const { objects, bytes, totalObjects, totalBytes } = event;
  const done = totalObjects === undefined ? number(objects) : `${number(objects)} of ${number(totalObjects)}`;
  const size = totalBytes === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
  const rate = `${rateText(objects / Math.max(seconds, 0.001))} files/s`;
  return `${done} files, ${size}, ${rate}, ${secondsText(seconds)}`;
}
