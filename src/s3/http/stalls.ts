import { HttpFailure } from './http-client.js';

/** A body that is not taken any more. @param of bytes of the whole body */
export function stalled(waitedMs: number, sent: number, of: number): HttpFailure {
  return new HttpFailure(
    'StalledSend',
    `sending stood still for ${seconds(waitedMs)} after ${sent} of ${of} bytes of the body`,
  );
}

/** A server that says nothing, or no more. */
export function silent(waitedMs: number, begun: boolean): HttpFailure {
  return new HttpFailure(
    'SilentServer',
    `the server ${begun ? 'stopped in its answer' : 'gave no answer'} for ${seconds(waitedMs)}`,
  );
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
