import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Reads a log that another process writes, from where it was read last. */
export interface LogReader {
  /** Whole lines since the last call, once nothing has come for a while. */
  lines(): Promise<string[]>;
}

const QUIET_MS = 300;

export function readLog(path: string): LogReader {
  let offset = 0;
  let rest = '';
  const more = (): string => {
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
        const text = more();
        rest += text;
        if (text === '') break;
      }
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      return lines;
    },
  };
}
