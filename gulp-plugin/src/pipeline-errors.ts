import { errorMonitor } from 'node:events';
import type { Duplex } from 'node:stream';

/** A stage of whatever kind: Node's, those of readable-stream, streamx (gulp 5), or older ones. */
export type Stage = NodeJS.WritableStream & {
  readonly destroyed?: boolean;
  destroy?(error: Error): unknown;
  readonly _readableState?: { readonly pipes?: Stage | readonly Stage[] | null; readonly pipeTo?: Stage | null };
  readonly _writableState?: unknown;
};

/**
 * Has the stages behind a stream fail with it, however far. The `src` of gulp 5 takes the error of the stage that it is piped into for handled, and a
 * task waits for its last stage: it would never end, and nobody would see why. Who has nobody listening for errors is left alone, because there an
 * error ends the process.
 */
export function tellsBehind<T extends Duplex>(stream: T): T {
  const { _destroy: destroy } = stream;
  return Object.assign(stream, {
    _destroy(this: T, error: Error | null, next: (error?: Error | null) => void) {
      destroy.call(this, error, (ended) => {
        next(ended);
        if (ended !== null && ended !== undefined) setImmediate(tell, this, ended);
      });
    },
  });
}

/** Has the stages behind a stream that has ended without an error fail with this one. */
export function tell(stream: Duplex, error: Error): void {
  const stages = new Set<Stage>(behind(stream as Stage));
  // Those that are added meanwhile are visited too.
  for (const stage of stages) for (const next of behind(stage)) stages.add(next);
  for (const stage of stages) {
    if (stage.destroyed === true || !isHeard(stage)) continue;
    if (stage._writableState === undefined) stage.emit('error', error);
    else stage.destroy?.(error);
  }
}

/** Where a stage is piped to: Node and readable-stream keep that in `pipes`, streamx in `pipeTo`. */
export function behind({ _readableState: state }: Pick<Stage, '_readableState'>): readonly Stage[] {
  return [state?.pipes ?? [], state?.pipeTo ?? []].flat();
}

/** Does anybody listen for its errors? Each `pipe` into it does, and for `unpipe` as well. */
export function isHeard(stage: Pick<Stage, 'listenerCount'>): boolean {
  return stage.listenerCount('error') > stage.listenerCount('unpipe');
}

type Source = NodeJS.ReadableStream & Pick<Stage, '_readableState'>;

/**
 * Has a stage fail with the one that is piped into it, once that has closed before its end. `pipe` lets go of a stage that has failed, and what stands
 * behind would wait for files, and hold what it holds, for ever. Its error is only looked at: who handles it, or that nobody does, stays as it is. A
 * stage that goes on after an error, as behind gulp-plumber, has not closed.
 * @param settled waits for what is under way
 */
export function failsWithBefore(stream: Duplex, settled: () => Promise<unknown>): void {
  async function fail(error: Error): Promise<void> {
    await settled();
    if (isHeard(stream)) {
      stream.destroy(error);
      return;
    }
    stream.destroy();
    tell(stream, error);
  }

  stream.on('pipe', (before: Source) => {
    let cause: Error | undefined;
    let ended = false;
    before.on(errorMonitor, (error: Error) => {
      cause ??= error;
    });
    before.once('end', () => {
      ended = true;
    });
    before.once('close', () => {
      setImmediate(() => {
        if (ended || stream.writableEnded || stream.destroyed || !leadsTo(before, stream)) return;
        void fail(cause ?? new Error('the stage before has closed before its end'));
      });
    });
  });
}

function leadsTo(before: Source, stream: Duplex): boolean {
  return before._readableState === undefined || behind(before).includes(stream);
}
