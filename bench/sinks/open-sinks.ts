import { findNginx } from './find-nginx.js';
import { type MultipartSink, startMultipart } from './multipart.js';
import { type NginxSink, type RunningNginx, startNginx } from './nginx.js';
import type { Sink } from './sink.js';
import { type RealServer, startVersitygw, versitygwMissing } from './versitygw.js';

/** Starts each server when a workload needs it for the first time. */
export interface Sinks {
  /** Undefined if the server is not installed. */
  open(name: NginxSink | 'multipart' | 'versitygw'): Promise<Sink | RealServer | undefined>;
  close(): Promise<void>;
}

export function openSinks(signal: AbortSignal): Sinks {
  let nginx: RunningNginx | undefined;
  let versitygw: RealServer | undefined;
  let multipart: MultipartSink | undefined;
  return {
    async open(name) {
      if (name === 'versitygw') {
        if (versitygwMissing() !== undefined) return undefined;
        versitygw ??= await startVersitygw(signal);
        return versitygw;
      }
      if (name === 'multipart') {
        multipart ??= await startMultipart(signal);
        return multipart;
      }
      const found = findNginx();
      if (typeof found === 'string') return undefined;
      nginx ??= await startNginx(found, signal);
      return nginx.sinks[name];
    },
    async close() {
      await Promise.all([nginx?.stop(), versitygw?.stop(), multipart?.stop()]);
    },
  };
}
