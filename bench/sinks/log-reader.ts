import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Reads a log that another process writes, always from the end of the last read. */
export interface LogReader {
  /** Complete lines since the last call; waits until the log stops growing. */
  lines(): Promise<string[]>;
}

const QUIET_MS = 300;

export function readLog(path: string): LogReader {
  let offset = 0;
  let rest = '';
  const readNew = (): string => {
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(Math.max(0, fstatSync(file).size - offset));
      const read = readSync(file, buffer, 0, buffer.length, offset);
      offset += read;
      return buffer.toString('utf8', 0, read);
    } finally {
      closeSync(file);
    }
  };
  return {
    async lines() {
      for (;;) {
        await sleep(QUIET_MS);
        const text = readNew();
        rest += text;
        if (text === '') break;
      }
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      return lines;
    },
  };
}
