import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from './certificate.js';
import type { Requests, Sink } from './sink.js';

/** One sink for multipart uploads, on two ports. */
export interface MultipartSinks {
  readonly http: Sink;
  readonly tls: Sink;
  stop(): Promise<void>;
}

/** Starts the sink for multipart uploads, with fixed responses, in a process of its own. */
export async function startMultipart(signal: AbortSignal): Promise<MultipartSinks> {
  const folder = mkdtempSync(join(tmpdir(), 's3pp-multipart-'));
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  await createCertificate(certificate, key, signal);
  const program = join(import.meta.dirname, 'multipart-program.ts');
  const child = fork(program, [certificate, key], { execArgv: ['--import', 'tsx'] });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const requests = async (): Promise<Requests> => {
    const reply = once(child, 'message', { signal });
    child.send('requests');
    return ((await reply) as [Requests])[0];
  };
  try {
    const [{ http, tls }] = (await once(child, 'message', { signal })) as [{ http: number; tls: number }];
    return {
      http: { url: `http://127.0.0.1:${http}`, etags: false, requests },
      tls: { url: `https://127.0.0.1:${tls}`, etags: false, certificate, requests },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
