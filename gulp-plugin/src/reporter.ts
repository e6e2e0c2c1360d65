import { Transform } from 'node:stream';
import PluginError from 'plugin-error';
import type { HeaderChange, Report } from 's3-parallel-put';
import { isDryRun, reportOf, type S3File } from './file-state.js';
import { drainIfUnread } from './output-queue.js';
import { failLaterStages, failWithPreviousStage } from './pipeline-errors.js';
import { PLUGIN, printable } from './plugin-error.js';

const STATES = ['create', 'update', 'metadata', 'skip', 'delete', 'unknown'] as const;
type State = (typeof STATES)[number];

export interface ReporterOptions {
  /** Prints a line for files in these states only. @default all states */
  readonly states?: readonly State[] | undefined;
  /** Called with each line, without a line break. @default writes to standard output */
  readonly write?: ((line: string) => void) | undefined;
}

/** Codes of the colours, the same as those of the command line. */
const COLORS: Readonly<Record<State, number>> = {
  create: 32,
  update: 32,
  metadata: 32,
  skip: 2,
  delete: 33,
  unknown: 33,
};

/**
 * Prints a line for each file that was uploaded, got other headers, is unchanged, was deleted or may have been stored, and the totals at the end, in the words of the command line.
 * Files pass through. Lines have colours on a terminal; `NO_COLOR` turns them off, and `FORCE_COLOR` other than `0` turns them on.
 * @throws PluginError for wrong options
 */
export function reporter(options: ReporterOptions = {}): Transform {
  const { states = STATES, write } = checkOptions(options);
  const began = performance.now();
  const totals = { uploaded: 0, headers: 0, unchanged: 0, skipped: 0, deleted: 0, unknown: 0, bytes: 0 };
  let dryRun = false;
  let ended = false;
  const print = write ?? printLine;
  const puts: object[] = [];
  const printTotals = (): void => {
    const seconds = (performance.now() - began) / 1_000;
    const reports = puts.flatMap((put) => reportOf(put) ?? []);
    print(totalsText(totals, { seconds, dryRun, complete: ended, reports }));
  };
  const colored = write === undefined && hasColor();
  const stream = new Transform({
    objectMode: true,
    transform(file: S3File, _encoding, next) {
      const { state, path = '', reason = '', bytes = 0, headerChanges } = file.s3 ?? {};
      if (state !== undefined && STATES.includes(state)) {
        const planned = isDryRun(file.s3 ?? {});
        dryRun ||= planned;
        totals[countOf(state, reason)] += 1;
        totals.bytes += bytes;
        if (states.includes(state)) {
          const [word, rest] = fileWords({ state, reason, bytes, headerChanges }, planned);
          print(`${colored ? `\u001b[${COLORS[state]}m${word}\u001b[0m` : word} ${printable(path)}${printable(rest)}`);
        }
      }
      next(null, file);
      if (stream.readableLength >= stream.readableHighWaterMark) drainIfUnread(stream);
    },
    flush(next) {
      ended = true;
      printTotals();
      next();
      drainIfUnread(stream);
    },
    destroy(error, next) {
      // The stage before has failed, because of some of the files: those that were put have reached this one before.
      if (!ended && isAny(totals)) printTotals();
      next(error);
    },
  });
  // Without files, only the previous stage shows that this is a dry run; and only it knows what the bucket has beside the files.
  stream.on('pipe', (previous: object) => {
    dryRun ||= isDryRun(previous);
    puts.push(previous);
  });
  failWithPreviousStage(stream, async () => {});
  return failLaterStages(stream);
}

/** What a write fails with when the reader has gone, as with `| head`, on one system or another. */
const CLOSED: readonly unknown[] = ['EPIPE', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED'];

/** Standard output, once a line was printed there. */
const output = { watched: false, closed: false };

/** Prints a line as long as somebody reads: a reader that has had enough must not fail the task. */
function printLine(line: string): void {
  if (output.closed) return;
  if (!output.watched) process.stdout.on('error', noteClosed);
  output.watched = true;
  process.stdout.write(`${line}\n`);
}

function noteClosed(error: NodeJS.ErrnoException): void {
  if (CLOSED.includes(error.code)) output.closed = true;
  // As without a listener.
  else if (process.stdout.listenerCount('error') === 1) throw error;
}

/** @see https://no-color.org */
function hasColor(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if ((NO_COLOR ?? '') !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return process.stdout.isTTY === true && TERM !== 'dumb';
}

/** Whether a reason of a skip says that the bucket has the same object. A file may also be skipped because its key exists. */
function isUnchanged(reason: string): boolean {
  return /^(?:same (?:content|size)|headers differ, not repaired$)/.test(reason);
}

function countOf(state: State, reason: string): Exclude<keyof Totals, 'bytes'> {
  if (state === 'unknown') return 'unknown';
  if (state === 'delete') return 'deleted';
  if (state === 'metadata') return 'headers';
  if (state !== 'skip') return 'uploaded';
  return isUnchanged(reason) ? 'unchanged' : 'skipped';
}

interface LineFacts {
  readonly state: State;
  readonly reason: string;
  readonly bytes: number;
  readonly headerChanges?: readonly HeaderChange[] | undefined;
}

/** What stands before and after the key: `uploaded` and ` (new, 1.9 kB)`. */
function fileWords(
  { state, reason, bytes, headerChanges = [] }: LineFacts,
  dryRun: boolean,
): readonly [word: string, rest: string] {
  const what = countOf(state, reason);
  if (what === 'headers') {
    const changes = headerChanges.map(changeText).join('; ');
    return [dryRun ? 'would change the headers of' : 'changed the headers of', ` (${changes || reason})`];
  }
  if (what === 'uploaded') return [dryRun ? 'would upload' : what, ` (${reason}, ${bytesText(bytes)})`];
  if (what === 'deleted') return [dryRun ? 'would delete' : what, ` (${reason})`];
  if (what === 'unknown') return [what, `: ${reason}`];
  return [what, reason === 'same content' ? '' : ` (${reason})`];
}

/** The most characters of a header's value in a line. */
const LONGEST_VALUE = 200;

/** `cache-control: no-cache → public, max-age=600` */
function changeText({ name, from = '(none)', to = '(none)' }: HeaderChange): string {
  const [before, after] = [from, to].map((value) =>
    value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value,
  );
  return `${name}: ${before} → ${after}`;
}

interface Totals {
  readonly uploaded: number;
  readonly headers: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly deleted: number;
  readonly unknown: number;
  readonly bytes: number;
}

function isAny({ uploaded, headers, unchanged, skipped, deleted, unknown }: Totals): boolean {
  return uploaded + headers + unchanged + skipped + deleted + unknown > 0;
}

interface TotalsContext {
  readonly seconds: number;
  readonly dryRun: boolean;
  /** No stage has failed. */
  readonly complete: boolean;
  /** Of the puts before the reporter. */
  readonly reports: readonly Report[];
}

/** `Uploaded 2 files, 5.1 kB, in 0.8 s (6.1 kB/s); 3 deleted, 1 unchanged.` */
function totalsText(
  { uploaded, headers, unchanged, skipped, deleted, unknown, bytes }: Totals,
  { seconds, dryRun, complete, reports }: TotalsContext,
): string {
  const parts: readonly (readonly [count: number, what: string])[] = [
    [deleted, dryRun ? 'to delete' : 'deleted'],
    [unchanged, 'unchanged'],
    [skipped, 'skipped'],
    [unknown, 'unknown (may have been stored)'],
  ];
  const rest = parts.filter(([count]) => count > 0).map(([count, what]) => `${numberText(count)} ${what}`);
  if (headers > 0 && uploaded > 0)
    rest.unshift(`headers of ${numberText(headers)} ${dryRun ? 'to change' : 'changed'}`);
  rest.push(...bucketText(reports));
  const none = unknown > 0 ? 'No upload was confirmed' : complete ? 'Nothing to upload' : 'Nothing was uploaded';
  const other = headers > 0 ? `${dryRun ? 'Would change' : 'Changed'} the headers of ${filesText(headers)}` : none;
  const first = uploaded === 0 ? other : uploadedText(uploaded, bytes, seconds, dryRun);
  return `${[first, ...(rest.length > 0 ? [rest.join(', ')] : [])].join('; ')}.`;
}

/** What the bucket has that the stream has not, and what others have changed meanwhile: `at least 8 strays`, `1 conflict`. */
function bucketText(reports: readonly Report[]): readonly string[] {
  let [strays, conflicts, atLeast] = [0, 0, false];
  for (const { strays: found, straysComplete, counts, phases = [], conflicts: met } of reports) {
    conflicts += met;
    if (found === undefined) continue;
    const deletes = phases.find(({ phase }) => phase === 'deletes');
    // Whether those are gone whose delete failed or had no response is unknown.
    strays += found - counts.delete - (deletes === undefined ? 0 : deletes.failed + deletes.unknown);
    atLeast ||= straysComplete === false;
  }
  const live = reports.flatMap(({ liveCheck }) => liveCheck ?? []);
  const [checked, different] = [sumOf(live, 'checked'), sumOf(live, 'failed')];
  return [
    ...(checked > 0 ? [`live site checked (${numberText(different)} of ${numberText(checked)} URLs differ)`] : []),
    ...(strays > 0 ? [`${atLeast ? 'at least ' : ''}${numberText(strays)} ${strays === 1 ? 'stray' : 'strays'}`] : []),
    ...(conflicts > 0 ? [`${numberText(conflicts)} ${conflicts === 1 ? 'conflict' : 'conflicts'}`] : []),
  ];
}

function sumOf<Name extends string>(all: readonly Readonly<Record<Name, number>>[], name: Name): number {
  return all.reduce((sum, one) => sum + one[name], 0);
}

function uploadedText(files: number, bytes: number, seconds: number, dryRun: boolean): string {
  const what = `${filesText(files)}, ${bytesText(bytes)}`;
  if (dryRun) return `Would upload ${what}`;
  return `Uploaded ${what}, in ${timeText(seconds)} (${bytesText(bytes / Math.max(seconds, 0.001))}/s)`;
}

function filesText(count: number): string {
  return `${numberText(count)} ${count === 1 ? 'file' : 'files'}`;
}

function numberText(count: number): string {
  return count.toLocaleString('en');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in powers of 1,000: `999 B`, `1.0 kB`. */
function bytesText(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  let amount = bytes / 1_000;
  let unit = 1;
  // 999.95 would be shown as 1000.0 of the unit.
  for (; amount >= 999.95 && unit < UNITS.length - 1; unit += 1) amount /= 1_000;
  return `${amount.toFixed(1)} ${UNITS[unit]}`;
}

/** `0.04 s`, `0.8 s`, `12.3 s`, `2 min 5 s`. */
function timeText(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 0.095 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function checkOptions(options: ReporterOptions): ReporterOptions {
  const wrong = (problem: string): PluginError =>
    new PluginError(PLUGIN, `s3Put.reporter(): ${problem}`, { showStack: false });
  if (typeof options !== 'object' || options === null)
    throw wrong('its options must be an object, such as { states }.');
  const unknown = Object.keys(options).find((name) => name !== 'states' && name !== 'write');
  if (unknown !== undefined) throw wrong(`the option "${unknown}" is unknown; there are states and write.`);
  const { states, write } = options;
  if (states !== undefined && !(Array.isArray(states) && states.every((state) => STATES.includes(state))))
    throw wrong(`states is ${JSON.stringify(states)}; it must be a list of ${STATES.join(', ')}.`);
  if (write !== undefined && typeof write !== 'function') throw wrong('write must be a function.');
  return options;
}
