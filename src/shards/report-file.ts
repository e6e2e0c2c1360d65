import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** What a file that should be a report holds. */
export type FileContent =
  | {
      readonly value: unknown;
      /** The text was written anew by a shell, which may have taken its characters for others. */
      readonly recoded: boolean;
    }
  | { readonly problem: string };

/** The most bytes of the last line: a report lists at most 1,000 failures and 20,000 keys. */
const MOST_TAIL = 64 * 1024 * 1024;

/** The most bytes that are read as one text: Node has no longer ones. */
const MOST_TEXT = 0x1fffffe8;

/** How the last line of the Action's file begins: it ends the list of outcomes, and has the report's own fields. */
const END_OF_OUTCOMES = /^\],(?=")/;

/**
 * Reads a file of JSON, or the last line of a file of lines, in UTF-8 or UTF-16: PowerShell 5 writes the latter for `>`.
 * @throws the system error of a file that cannot be read
 */
export function readReportFile(file: string): FileContent {
  const { text: line, encoding, recoded, size } = lastLine(file);
  if (line === '') return { problem: 'is empty' };
  // A file with very many outcomes is too long for one text.
  const last = jsonOf(line.replace(END_OF_OUTCOMES, '{'));
  if (last !== undefined && (END_OF_OUTCOMES.test(line) || !/\.json$/i.test(file))) return { value: last, recoded };
  const whole = size <= MOST_TEXT ? jsonOf(new TextDecoder(encoding).decode(readFileSync(file))) : undefined;
  const value = whole ?? last;
  return value === undefined ? { problem: 'is not JSON, or was cut off' } : { value, recoded };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface Encoded {
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be';
  readonly recoded: boolean;
}

/** Lines of outcomes may be many: only the end of the file is read. */
function lastLine(file: string): Encoded & { readonly text: string; readonly size: number } {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const read = (length: number, from: number): Buffer => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(handle, bytes, 0, length, from));
    };
    const encoded = encodingOf(read(3, 0));
    // Both lengths are even, so that no character of two bytes is cut.
    for (let length = 64 * 1024; ; length *= 8) {
      const from = Math.max(0, size - length - (size % 2));
      const text = new TextDecoder(encoded.encoding).decode(read(size - from, from)).trimEnd();
      const at = text.lastIndexOf('\n');
      if (at >= 0 || from === 0 || length >= MOST_TAIL) return { text: text.slice(at + 1), ...encoded, size };
    }
  } finally {
    closeSync(handle);
  }
}

/** By the mark at the beginning. This program writes none: a text with one comes from a shell. */
function encodingOf(begin: Buffer): Encoded {
  const mark = begin.toString('hex');
  if (mark.startsWith('fffe')) return { encoding: 'utf-16le', recoded: true };
  if (mark.startsWith('feff')) return { encoding: 'utf-16be', recoded: true };
  return { encoding: 'utf-8', recoded: mark === 'efbbbf' };
}
