import { HttpFailure } from './http-client.js';

/** A body of which nothing more was taken for too long. */
export function stalledSend(waitedMs: number, sent: number, of: number): HttpFailure {
  const what = `sending stood still for ${seconds(waitedMs)} after ${sent} of ${of} bytes of the body`;
  return new HttpFailure('StalledSend', what);
}

/**
 * An answer that did not begin, or did not go on.
 * @param what what the server did instead
 */
export function silentServer(waitedMs: number, what: string): HttpFailure {
  return new HttpFailure('SilentServer', `the server ${what} for ${seconds(waitedMs)}`);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
