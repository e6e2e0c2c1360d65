import { formatBytes, number, secondsText } from '../../report/format.js';
import type { PhaseName, RunEvent } from '../../report/types.js';
import { afterwardsText, type Progress, shareOf, takenOverText } from './progress.js';

type ProgressEvent = Extract<RunEvent, { type: 'progress' }>;

const FRAMES_PER_SECOND = 20;
const LINE_START = '\u001b[1G';
const CLEAR_LINE = '\r\u001b[K';
/** For a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;

/**
 * A bar on the last line of a terminal. If other lines go to the same terminal, `writeAbove` writes them; they are
 * collected between two frames, so that the bar stays visible however many there are.
 */
export function barProgress(stream: NodeJS.WriteStream, writeAbove: ((text: string) => void) | undefined): Progress {
  const began = performance.now();
  let last: ProgressEvent | undefined;
  let dryRun = false;
  let phase: PhaseName = 'survey';
  let waiting = '';
  let timer: NodeJS.Timeout | undefined = setInterval(draw, 1000 / FRAMES_PER_SECOND);

  let paused = false;

  function draw(): void {
    if (paused) return;
    if (waiting !== '') {
      stream.write(CLEAR_LINE);
      writeAbove?.(waiting);
      waiting = '';
    }
    const seconds = (performance.now() - began) / 1000;
    const columns = stream.columns || USUAL_COLUMNS;
    const text = afterwardsText(phase, seconds)?.slice(0, columns - 1) ?? barText(last, seconds, columns, dryRun);
    stream.write(`${LINE_START}${text}\u001b[0K`);
  }

  draw();
  return {
    onEvent: (event) => {
      if (event.type === 'progress') last = event;
      if (event.type === 'start') dryRun = event.dryRun;
      if (event.type === 'phase') phase = event.phase;
    },
    printAbove:
      writeAbove &&
      ((line) => {
        waiting += `${line}\n`;
      }),
    note(line) {
      stream.write(`${CLEAR_LINE}${line}\n`);
      draw();
    },
    async pauseFor(work) {
      draw();
      stream.write(`${LINE_START}\u001b[2K`);
      paused = true;
      try {
        return await work();
      } finally {
        paused = false;
      }
    },
    stop() {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      draw();
      stream.write(`${LINE_START}\u001b[2K`);
    },
  };
}

/** Characters of a bar without its brackets: fewer say nothing. */
const SHORTEST_BAR = 10;
const AROUND_BAR = '[] '.length;
/** A bar grows in such steps: otherwise it would jump whenever a number beside it gets longer. */
const BAR_STEP = 4;

/**
 * `[=====-----] 12% 120/1,000 files, 1.2 MB/8.0 MB, 1.1 MB/s, 9.0 s left`: as much as fits into a line, and a bar in the rest of it. Where it is narrow,
 * the least useful parts go first: what an earlier run had sent, the bytes, the bar, the word "files", the speed, then the files.
 * @param dryRun nothing is sent, so there is no speed
 * @internal
 */
export function barText(event: ProgressEvent | undefined, seconds: number, columns: number, dryRun = false): string {
  // In the last column a terminal may wrap.
  const room = Math.max(columns - 1, 1);
  if (event === undefined) return `Looking at the files, ${secondsText(seconds)}`.slice(0, room);
  const share = shareOf(event, seconds);
  const percent = share === undefined ? '' : `${Math.floor(share.done * 100)}% `;
  const left = share?.left === undefined || share.done === 1 ? '' : `${secondsText(share.left)} left`;
  for (const { parts, bar } of partsByWidth(event, seconds, dryRun)) {
    const text = percent + [...parts, left].filter((part) => part !== '').join(', ');
    const needed = bar && share !== undefined ? SHORTEST_BAR + AROUND_BAR : 0;
    if (text.length + needed <= room) return needed === 0 ? text : withBar(text, share?.done ?? 0, room);
  }
  return percent.trimEnd().slice(0, room);
}

/** What can stand in the line, the longest choice first. */
function partsByWidth(
  event: ProgressEvent,
  seconds: number,
  dryRun: boolean,
): readonly { readonly parts: readonly string[]; readonly bar: boolean }[] {
  const { objects, bytes, takenOver = 0, totalObjects, totalBytes } = event;
  const count = `${number(objects)}${totalObjects === undefined ? '' : `/${number(totalObjects)}`}`;
  const files = `${count} files`;
  const size = `${formatBytes(bytes)}${totalBytes === undefined ? '' : `/${formatBytes(totalBytes)}`}`;
  const speed = dryRun ? '' : `${formatBytes((bytes - takenOver) / Math.max(seconds, 0.001))}/s`;
  return [
    { parts: [files, `${size}${takenOverText(event)}`, speed], bar: true },
    { parts: [files, size, speed], bar: true },
    { parts: [files, speed], bar: true },
    { parts: [files, speed], bar: false },
    { parts: [count, speed], bar: false },
    { parts: [count], bar: false },
    { parts: [], bar: false },
  ];
}

/** A bar that takes the rest of the line, and the text behind it. */
function withBar(text: string, done: number, room: number): string {
  const free = room - text.length - AROUND_BAR;
  const length = free - ((free - SHORTEST_BAR) % BAR_STEP);
  const filled = Math.round(done * length);
  return `[${'='.repeat(filled)}${'-'.repeat(length - filled)}] ${text}`;
}
