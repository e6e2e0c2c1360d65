import { formatBytes, number, secondsText } from '../../report/text.js';
import type { RunEvent } from '../../report/types.js';
import { type Progress, shareOf, takenOverText } from './progress.js';

type ProgressEvent = Extract<RunEvent, { type: 'progress' }>;

const BAR_SIZE = 24;
const FRAMES_PER_SECOND = 20;
const LINE_START = '\u001b[1G';

/**
 * A bar on the last line of a terminal. If other lines go to the same terminal, `writeAbove` writes them; they are
 * collected between two frames, so that the bar stays visible however many there are.
 */
export function barProgress(stream: NodeJS.WriteStream, writeAbove: ((text: string) => void) | undefined): Progress {
  const began = performance.now();
  let last: ProgressEvent | undefined;
  let waiting = '';
  let timer: NodeJS.Timeout | undefined = setInterval(draw, 1000 / FRAMES_PER_SECOND);

  function draw(): void {
    if (waiting !== '') {
      stream.write('\r\u001b[K');
      writeAbove?.(waiting);
      waiting = '';
    }
    // A longer text would wrap, and the next frame could not cover it.
    const text = barText(last, (performance.now() - began) / 1000).slice(0, stream.columns || 80);
    stream.write(`${LINE_START}${text}\u001b[0K`);
  }

  draw();
  return {
    onEvent: (event) => {
      if (event.type === 'progress') last = event;
    },
    printAbove:
      writeAbove &&
      ((line) => {
        waiting += `${line}\n`;
      }),
    stop() {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      draw();
      stream.write(`${LINE_START}\u001b[2K`);
    },
  };
}

/** `[===---] 12% 120/1,000 files, 1.2 MB/8.0 MB, 9.0 s left`. @internal */
export function barText(event: ProgressEvent | undefined, seconds: number): string {
  if (event === undefined) return `Looking at the files, ${secondsText(seconds)}`;
  const { objects, bytes, totalObjects, totalBytes } = event;
  const files = `${number(objects)}${totalObjects === undefined ? '' : `/${number(totalObjects)}`} files`;
  const size = `${formatBytes(bytes)}${totalBytes === undefined ? '' : `/${formatBytes(totalBytes)}`}`;
  const detail = `${files}, ${size}${takenOverText(event)}`;
  const share = shareOf(event, seconds);
  if (share === undefined) return detail;
  const filled = Math.round(share.done * BAR_SIZE);
  const left = share.left === undefined ? '' : `, ${secondsText(share.left)} left`;
  return `[${'='.repeat(filled)}${'-'.repeat(BAR_SIZE - filled)}] ${Math.floor(share.done * 100)}% ${detail}${left}`;
}
