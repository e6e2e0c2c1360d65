import { findNginx } from './find-nginx.js';
import { type MultipartSinks, startMultipart } from './multipart.js';
import { type NginxSink, type RunningNginx, startNginx } from './nginx.js';
import type { Sink } from './sink.js';
import { type RealServer, startVersitygw, versitygwMissing } from './versitygw.js';

export type SinkName = NginxSink | 'multipart' | 'multipart-tls' | 'versitygw';

/** Starts each server when a workload needs it for the first time. */
export interface Sinks {
  /** Undefined if the server is not installed. */
  open(name: SinkName): Promise<Sink | RealServer | undefined>;
  close(): Promise<void>;
}

export function openSinks(signal: AbortSignal): Sinks {
  let nginx: RunningNginx | undefined;
  let versitygw: RealServer | undefined;
  let multipart: MultipartSinks | undefined;
  return {
    async open(name) {
      if (name === 'versitygw') {
        if (versitygwMissing() !== undefined) return undefined;
        versitygw ??= await startVersitygw(signal);
        return versitygw;
      }
      if (name === 'multipart' || name === 'multipart-tls') {
        multipart ??= await startMultipart(signal);
        return name === 'multipart' ? multipart.http : multipart.tls;
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
