import { errorMonitor } from 'node:events';
import type { Duplex } from 'node:stream';
import { behind, isHeard, type Stage, tell } from './pipeline-errors.js';

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
