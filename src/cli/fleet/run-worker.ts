import { UsageError } from '../../errors.js';
import { checkQueueUrl, queueLabel } from '../../fleet.js';
import { readAllowed, type WorkerEvent, workForFleet } from '../../fleet-worker.js';
import { counted, printable } from '../../report/format.js';
import { maskUrlsIn } from '../../report/mask-secrets.js';
import { shorten } from '../../report/message.js';
import { EXIT, errorText, signalExitCode } from '../errors.js';
import { paintFor, watchSignals } from '../output/terminal.js';
import type { ParsedWorker } from './worker.js';

/** Works until a signal, or until an error shows that this worker can do nothing; resolves with the exit code. Throws `UsageError`. */
export async function runWorkerCommand(parsed: ParsedWorker): Promise<number> {
  const { queue, own, verbose, quiet } = parsed;
  checkQueueUrl(queue);
  const allowed = readAllowed(parsed.allowSource, parsed.allowDestination);
  const { stderr, env } = process;
  const paint = paintFor(stderr, env);
  const say = (text: string): void => void stderr.write(`s3-parallel-put: ${printable(text)}\n`);
  const [stop, stopNow] = [new AbortController(), new AbortController()];
  const signals = watchSignals(
    () => {
      if (!quiet) say('finishes its batches, for up to 20 seconds; a second signal gives them back at once.');
      stop.abort();
    },
    () => {},
    () => stopNow.abort(),
  );
  let lastTrouble = '';
  const onEvent = (event: WorkerEvent): void => {
    if (event.type === 'ready') {
      if (!quiet) say(`the worker ${event.name} takes batches from ${queueLabel(queue)}.`);
      return;
    }
    if (event.type === 'trouble') {
      // A queue that is away says the same each time that it is tried.
      const text = maskUrlsIn(event.message);
      if (text !== lastTrouble) say(`the queue: ${text}`);
      lastTrouble = text;
      return;
    }
    lastTrouble = '';
    if (event.type === 'range') {
      const line = rangeLine(event);
      if (!quiet || !isUsual(event.result.state)) say(line);
      return;
    }
    for (const line of batchLines(event, { verbose, quiet })) say(line);
  };
  try {
    const end = await workForFleet({ queue, own, allowed, env, onEvent, stop: stop.signal, stopNow: stopNow.signal });
    const signal = signals.received();
    if (end.error === undefined) return signal === undefined ? EXIT.done : signalExitCode(signal);
    if (end.error instanceof UsageError) throw end.error;
    const { message, hint } = end.error;
    stderr.write(
      `${paint('bad', 's3-parallel-put:')} ${printable(message)}\n${hint === undefined ? '' : `  ${printable(hint)}\n`}`,
    );
    return end.error.kind === 's3' ? EXIT.denied : EXIT.usage;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`${errorText(error, { verbose, paint })}\n`);
    return EXIT.usage;
  } finally {
    signals.release();
  }
}

/** What is said of some parts of a large object. */
export function rangeLine({ id, result, seconds }: Extract<WorkerEvent, { readonly type: 'range' }>): string {
  const { state, records, error } = result;
  const why = error === undefined ? '' : `: ${shorten(error.message)}`;
  const ends = {
    done: '',
    failed: `, failed${why}`,
    changed: ', and the source has changed',
    ended: `, stopped${why}`,
    back: ', the rest is given back',
    refused: `, refused${why}`,
  };
  return `${id}: ${counted(records.length, 'part', 'parts')} sent${ends[state]} (${seconds.toFixed(1)} s)`;
}

type BatchEvent = Extract<WorkerEvent, { readonly type: 'batch' }>;

/** Whether nobody has to look at how the work on a batch or a range ended, but for objects that failed. */
function isUsual(state: string): boolean {
  return state === 'done' || state === 'back';
}

/** What is said of a batch: a line, and one for each failure whose message did not fit into its result. */
export function batchLines(
  { id, result, seconds, withoutMessage }: BatchEvent,
  { verbose, quiet }: Pick<ParsedWorker, 'verbose' | 'quiet'>,
): readonly string[] {
  const { state, outcomes } = result;
  const failed = outcomes.filter((one) => one?.action === 'fail');
  const shown = verbose || withoutMessage > 0 ? failed : [];
  const failures = shown.map((one) => `failed: ${shorten(one?.reason ?? '')}`);
  if (quiet && failed.length === 0 && isUsual(state)) return failures;
  const ends = {
    done: `${counted(outcomes.length, 'object', 'objects')}, ${failed.length} failed`,
    ended: `stopped: ${result.error?.message ?? ''}`,
    back: `given back${result.error === undefined ? '' : `: ${result.error.message}`}`,
    refused: `refused: ${result.error?.message ?? ''}`,
    cut: 'has lost workers; it is cut in two',
  };
  return [...failures, `${id}: ${ends[state]} (${seconds.toFixed(1)} s)`];
}
