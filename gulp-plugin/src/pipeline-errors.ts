import { errorMonitor } from 'node:events';
import type { Duplex } from 'node:stream';

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
  return Object.assign(stream, {
    _destroy(this: T, error: Error | null, next: (error?: Error | null) => void) {
      destroy.call(this, error, (ended) => {
        next(ended);
        if (ended !== null && ended !== undefined) setImmediate(destroyLaterStages, this, ended);
      });
    },
  });
}

/** Destroys all later stages of a stream with an error. */
function destroyLaterStages(stream: Duplex, error: Error): void {
  const stages = new Set<Stage>(nextStages(stream as Stage));
  // A Set also visits what is added during the loop.
  for (const stage of stages) for (const next of nextStages(stage)) stages.add(next);
  for (const stage of stages) {
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
