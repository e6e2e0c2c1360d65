import type { Duplex } from 'node:stream';
import { behind, isHeard, type Stage, tell } from './stages-behind.js';

type Source = NodeJS.ReadableStream & Pick<Stage, 'destroyed' | '_readableState'>;

/** Listeners of ours: where there are no others, nobody handles an error. */
const ours = new WeakSet<object>();

/**
 * Has a stream fail with the stage that is piped into it. `pipe` lets go of a stage that has failed, and what stands behind would wait for files, and
 * hold what it holds, for ever. A stage that goes on after its error, as behind gulp-plumber, is no end. An error that nobody handles is thrown all
 * the same, as it would be without this.
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
    const failed = (error: Error): void => {
      setImmediate(() => {
        const over = before.destroyed === true && leadsTo(before, stream);
        if (over && !stream.writableEnded && !stream.destroyed) void fail(error);
      });
      if (before.listeners('error').every((listener) => ours.has(listener))) throw error;
    };
    ours.add(failed);
    before.on('error', failed);
  });
}

function leadsTo(before: Source, stream: Duplex): boolean {
  return before._readableState === undefined || behind(before).includes(stream);
}
