import type { Connection } from './connection.js';

/** Bytes that one read of a socket takes; answers to puts fit many times. */
const READ_BYTES = 16 * 1024;

/** What a socket needs from the start so that its bytes are read without a copy and an event for each. */
export interface OnRead {
  readonly buffer: Buffer;
  readonly callback: (bytes: number, buffer: Uint8Array) => boolean;
}

/** The way a socket hands its bytes to the connection that will be made of it. */
export function onRead(connection: () => Connection | undefined): OnRead {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  return {
    buffer,
    callback(bytes) {
      connection()?.received(buffer.subarray(0, bytes));
      return true;
    },
  };
}
