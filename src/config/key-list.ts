import { createReadStream } from 'node:fs';
import { UsageError } from '../errors.js';
import type { CopyKey } from '../options/types.js';
import { msg } from '../report/message.js';

/**
 * The entries of a list, one per line. Blank lines and lines that begin with `#` are ignored. Only the line end is removed from the others,
 * because a space at either end can be part of a key. A list with U+0000 has that behind each entry instead of a line end, as `find -print0` and
 * `git -z` write it; such a list has no comments.
 * @internal
 */
export function parseList(text: string): readonly string[] {
  const [end, isEntry] = text.includes('\0') ? ['\0', isFilled] : ['\n', isNoComment];
  const entries: string[] = [];
  // One entry after the other, because a list may have millions.
  for (let at = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0; at < text.length; ) {
    const found = text.indexOf(end, at);
    const next = found < 0 ? text.length : found;
    const last = end === '\n' && next > at && text[next - 1] === '\r' ? next - 1 : next;
    const entry = text.slice(at, last);
    if (isEntry(entry)) entries.push(entry);
    at = next + 1;
  }
  return entries;
}

const BYTE_ORDER_MARK = '\ufeff';

function isFilled(entry: string): boolean {
  return entry !== '';
}

function isNoComment(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('#');
}

/** Reads a list from a file, or from standard input for `-`. Throws `UsageError` if it is missing or unreadable. An empty list selects nothing. */
export async function readList(flag: string, file: string, stdin: AsyncIterable<Buffer>): Promise<readonly string[]> {
  const name = file === '-' ? 'standard input' : `the file "${file}"`;
  const bytes = file === '-' ? await readStdin(flag, stdin) : await readBytes(flag, file);
  if (bytes === undefined)
    throw new UsageError(
      `${flag}: ${name} is larger than 256 MiB.`,
      'Is it the right file? If so, split it, and run once for each part.',
    );
  return parseList(decodeUtf8(`${flag}: ${name}`, bytes));
}

async function readStdin(flag: string, stdin: AsyncIterable<Buffer>): Promise<Buffer | undefined> {
  try {
    return await readStream(stdin);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${flag}: standard input cannot be read (${code ?? message}).`);
  }
}

/** Some million keys; a text can have at most 512 MiB. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Undefined for more than `MOST_BYTES`: a device or a pipe may have no end. */
async function readStream(stream: AsyncIterable<Buffer>): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    size += piece.length;
    if (size > MOST_BYTES) return undefined;
  }
  return Buffer.concat(pieces);
}

async function readBytes(flag: string, file: string): Promise<Buffer | undefined> {
  try {
    return await readStream(createReadStream(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new UsageError(`${flag}: the file "${file}" does not exist.`, msg`Check the path; {relativePaths}.`);
    throw new UsageError(`${flag}: the file "${file}" cannot be read (${code}).`);
  }
}

function decodeUtf8(what: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${what} is not UTF-8.`, 'Keys are UTF-8 text.');
  }
}

const VERSION = '?versionId=';

/** `name?versionId=ID` is one version of a key; the last `?versionId=` counts. */
export function parseCopyKey(text: string): CopyKey {
  const at = text.lastIndexOf(VERSION);
  if (at < 0) return text;
  const [key, versionId] = [text.slice(0, at), text.slice(at + VERSION.length)];
  if (key === '' || versionId === '')
    throw new UsageError(
      `The key "${text}" names no ${key === '' ? 'object' : 'version'}.`,
      'Write name?versionId=ID, or the name alone for the current version.',
    );
  return { key, versionId };
}
