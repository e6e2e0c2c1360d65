/** Buffers for parts, lent and used again: buffers of this size would become garbage that is looked at too late. */
export interface PartBuffers {
  /** A buffer of at least this length; its bytes are anything. */
  take(length: number): Buffer;
  give(buffer: Buffer): void;
}

/** @param most bytes that are kept for later */
export function partBuffers(most: number): PartBuffers {
  const spare: Buffer[] = [];
  let kept = 0;
  return {
    take(length) {
      const at = spare.findIndex((buffer) => buffer.length >= length);
      const [found] = at < 0 ? [] : spare.splice(at, 1);
      if (found === undefined) return Buffer.allocUnsafeSlow(length);
      kept -= found.length;
      return found;
    },
    give(buffer) {
      if (kept + buffer.length > most) return;
      kept += buffer.length;
      spare.push(buffer);
    },
  };
}
