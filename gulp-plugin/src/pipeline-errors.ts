import { errorMonitor } from 'node:events';
import type { Duplex } from 'node:stream';
import { PLUGIN } from './plugin-error.js';

/** A stage of any kind: a stream of Node, of readable-stream, of streamx (gulp 5), or an older one. */
export type Stage = NodeJS.WritableStream & {
  readonly destroyed?: boolean;
  destroy?(error: Error): unknown;
  readonly _readableState?: { readonly pipes?: Stage | readonly Stage[] | null; readonly pipeTo?: Stage | null };
  readonly _writableState?: unknown;
};

type Source = NodeJS.ReadableStream & Pick<Stage, '_readableState'>;

/**
 * Makes all later stages of a pipeline fail when this stream fails. The `src` of gulp 5 treats the error of the stage that it is piped into as
 * handled, and a task waits for its last stage: it would never end, and show no reason. A stage without an error listener is left alone, because
 * there an error ends the process.
 */
export function failLaterStages<T extends Duplex>(stream: T): T {
  const { _destroy: destroy } = stream;
  const sources: Source[] = [];
  stream.on('pipe', (previous: Source) => {
    if (isStreamx(previous)) sources.push(previous);
  });
  return Object.assign(stream, {
    _destroy(this: T, error: Error | null, next: (error?: Error | null) => void) {
      destroy.call(this, error, (ended) => {
        if (ended !== null && ended !== undefined) showIfUnseen(this, sources, ended);
        next(ended);
        if (ended !== null && ended !== undefined) setImmediate(destroyLaterStages, this, ended);
      });
    },
  });
}

/** streamx has no `pipes`, and adds one error listener to the stage that it is piped into. */
function isStreamx({ _readableState: state }: Source): boolean {
  return state !== undefined && 'pipeTo' in state;
}

/** What gulp runs a task in: it has an error listener as long as the task has not ended. */
interface TaskDomain {
  listenerCount(event: 'error'): number;
  emit(event: 'error', error: Error): boolean;
}

/**
 * Shows the error of a stream that no task waits for, and sets the exit code. With gulp 5 such an error is lost, because `src` treats it as
 * handled; with gulp 4 it ends the process with a dump. Without gulp, Node treats it as it treats any error that has no listener.
 */
function showIfUnseen(stream: Duplex, sources: readonly Source[], error: Error): void {
  if (stream.listenerCount('error') > stream.listenerCount('unpipe') + sources.length) return;
  if ([...laterStages(stream)].some(hasErrorListener)) return;
  const { domain } = stream as { readonly domain?: TaskDomain | null };
  const isRunning = (domain?.listenerCount('error') ?? 0) > 0;
  if (isRunning && sources.length > 0) domain?.emit('error', error);
  else if (!isRunning && (sources.length > 0 || (domain ?? null) !== null)) showUnseen(error);
  else return;
  for (const one of [stream, ...sources]) one.on('error', () => {});
}

function showUnseen(error: Error): void {
  process.exitCode = 1;
  const hint = 'No task waits for this stream: return it from its task, or await it, so that gulp sees the failure.';
  process.stderr.write(`Error in plugin "${PLUGIN}"\n    ${error.message}\n    ${hint}\n`);
}

/** Streams that have begun and not closed. They are held weakly: one that never ends must be collected with all that it holds. */
const unfinished = new Set<WeakRef<Duplex>>();
/** What to say of such a stream if the process ends before it does. */
const errors = new WeakMap<Duplex, () => Error | undefined>();

/**
 * Shows an error if the process ends before the stream does, because nothing reads the stage after it and no task waits for it.
 * @param error describes what was not done, if anything
 */
export function showIfUnfinished(stream: Duplex, error: () => Error | undefined): void {
  for (const one of unfinished) if (one.deref() === undefined) unfinished.delete(one);
  process.off('beforeExit', showUnfinished).on('beforeExit', showUnfinished);
  const reference = new WeakRef(stream);
  unfinished.add(reference);
  errors.set(stream, error);
  stream.once('close', () => {
    unfinished.delete(reference);
    if (unfinished.size === 0) process.off('beforeExit', showUnfinished);
  });
}

function showUnfinished(): void {
  for (const one of unfinished) {
    const stream = one.deref();
    const error = stream === undefined ? undefined : errors.get(stream)?.();
    if (error !== undefined) showUnseen(error);
  }
  unfinished.clear();
  process.off('beforeExit', showUnfinished);
}

/** All stages after a stream. */
function laterStages(stream: Duplex): ReadonlySet<Stage> {
  const stages = new Set<Stage>(nextStages(stream as Stage));
  // A Set also visits what is added during the loop.
  for (const stage of stages) for (const next of nextStages(stage)) stages.add(next);
  return stages;
}

/** Destroys all later stages of a stream with an error. */
function destroyLaterStages(stream: Duplex, error: Error): void {
  for (const stage of laterStages(stream)) {
    if (stage.destroyed === true || !hasErrorListener(stage)) continue;
    if (stage._writableState === undefined) stage.emit('error', error);
    else stage.destroy?.(error);
  }
}

/** The stages that a stage is piped into: Node and readable-stream keep them in `pipes`, streamx in `pipeTo`. */
function nextStages({ _readableState: state }: Pick<Stage, '_readableState'>): readonly Stage[] {
  return [state?.pipes ?? [], state?.pipeTo ?? []].flat();
}

/** Whether a stage has an error listener of its own. Each `pipe` into it adds one, and one for `unpipe` as well, so these do not count. */
function hasErrorListener(stage: Pick<Stage, 'listenerCount'>): boolean {
  return stage.listenerCount('error') > stage.listenerCount('unpipe');
}

/**
 * Makes a stream fail when the previous stage closes before its end. `pipe` detaches a stage that has failed, so the later stages would wait for
 * files, and hold what they hold, for ever. The error is only observed: whether it is handled does not change. A stage that continues after an
 * error, as behind gulp-plumber, does not close.
 * @param settled waits until the requests in flight have settled
 */
export function failWithPreviousStage(stream: Duplex, settled: () => Promise<unknown>): void {
  async function fail(error: Error): Promise<void> {
    await settled();
    if (hasErrorListener(stream)) {
      stream.destroy(error);
      return;
    }
    stream.destroy();
    destroyLaterStages(stream, error);
  }

  stream.on('pipe', (previous: Source) => {
    let cause: Error | undefined;
    let ended = false;
    previous.on(errorMonitor, (error: Error) => {
      cause ??= error;
    });
    previous.once('end', () => {
      ended = true;
    });
    previous.once('close', () => {
      setImmediate(() => {
        if (ended || stream.writableEnded || stream.destroyed || !isPipedInto(previous, stream)) return;
        void fail(cause ?? new Error('the previous stage closed before its end'));
      });
    });
  });
}

function isPipedInto(previous: Source, stream: Duplex): boolean {
  return previous._readableState === undefined || nextStages(previous).includes(stream);
}
