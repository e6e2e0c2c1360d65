import type { Duplex } from 'node:stream';

type Stage = NodeJS.WritableStream & { readonly destroyed?: boolean; destroy?(error: Error): unknown };

/** How each stage of ours tells those behind it. */
const tellers = new WeakMap<object, (error: Error) => void>();

/**
 * Has the stages behind a stream fail with it. The `src` of gulp 5 takes the error of the stage that it is piped into for handled, and a task waits
 * for its last stage: it would never end, and nobody would see why. Who has nobody listening for errors is left alone, because there an error ends
 * the process; `pipe` itself listens once.
 */
export function tellsBehind<T extends Duplex>(stream: T): T {
  const behind = new Set<Stage>();
  const { pipe, unpipe, _destroy: destroy } = stream;

  function tell(error: Error): void {
    for (const stage of behind) {
      if (stage.destroyed === true) continue;
      if (stage.listenerCount('error') > 1) stage.destroy?.(error);
      else tellers.get(stage)?.(error);
    }
  }

  tellers.set(stream, tell);
  return Object.assign(stream, {
    pipe(this: T, stage: Stage, options?: { end?: boolean }) {
      behind.add(stage);
      return pipe.call(this, stage, options);
    },
    unpipe(this: T, stage?: Stage) {
      if (stage === undefined) behind.clear();
      // A stage that fails is let go of by itself, and needs to be told of nothing.
      else behind.delete(stage);
      return unpipe.call(this, stage);
    },
    _destroy(this: T, error: Error | null, next: (error?: Error | null) => void) {
      destroy.call(this, error, (ended) => {
        next(ended);
        if (ended !== null && ended !== undefined) setImmediate(tell, ended);
      });
    },
  });
}
