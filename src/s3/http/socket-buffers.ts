/** Bytes of one buffer: most objects of a site together with their request heads. */
export const SOCKET_BUFFER_BYTES: number = 16 * 1024;

/** The most buffers that are kept for later requests. */
const MOST_SPARE = 64;

/** Each thread has its own. The buffer that was given back last is still in the processor's cache, so it is taken first. */
const spare: Buffer[] = [];

/** A buffer to send from, with arbitrary content. */
export function takeSocketBuffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(SOCKET_BUFFER_BYTES);
}

/** Takes a buffer back once the system has accepted all of its bytes, or its socket has closed: until then the system may read from it. */
export function giveSocketBuffer(buffer: Buffer): void {
  if (buffer.length === SOCKET_BUFFER_BYTES && spare.length < MOST_SPARE) spare.push(buffer);
}

/** A socket's `onread` option: it is read into one buffer, without an allocation and an event per read. */
export interface ReadBuffer {
  readonly buffer: Buffer;
  readonly callback: (bytes: number, buffer: Uint8Array) => boolean;
}

const READ_BYTES = 64 * 1024;

/**
 * All sockets of a thread are read into this one: Node calls back immediately after each read, before it reads another socket, and for TLS after
 * each piece that it has decrypted.
 */
let shared: Buffer | undefined;

/** @param received takes the bytes of each read, which are valid only during the call, and only until it sends something */
export function readBuffer(received: (bytes: Buffer) => void): ReadBuffer {
  shared ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const buffer = shared;
  return {
    buffer,
    callback(bytes) {
      received(buffer.subarray(0, bytes));
      return true;
    },
  };
}
