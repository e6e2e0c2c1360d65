import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Requests, Sink } from './sink.js';

export interface MultipartSink extends Sink {
  stop(): Promise<void>;
}

/** Starts the sink for multipart uploads, with fixed responses, in a process of its own. */
export async function startMultipart(signal: AbortSignal): Promise<MultipartSink> {
  const child = fork(join(import.meta.dirname, 'multipart-program.ts'), { execArgv: ['--import', 'tsx'] });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    const [{ port }] = (await once(child, 'message', { signal })) as [{ port: number }];
    return {
      url: `http://127.0.0.1:${port}`,
      etags: false,
      stop,
      async requests() {
        const reply = once(child, 'message', { signal });
        child.send('requests');
        return ((await reply) as [Requests])[0];
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
