import { createReadStream, createWriteStream, mkdtempSync, rmSync, unlink } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PutItem } from 's3-parallel-put';
import type Vinyl from 'vinyl';
import { type ContentMatch, matchContents, matchTemporaryFile, mayBeDecoded, originalPath } from './encoding-check.js';
import type { OnCorrupt } from './options.js';

/** Where the bytes of a file come from. */
export interface FileContent {
  readonly body: PutItem['body'];
  /** Bytes held in memory until the file is put. */
  readonly memory: number;
  /** Replaces `contents`, a stream that was read, by a new stream of the same bytes. */
  readonly restore?: () => void;
}

export interface ContentContext {
  readonly onCorrupt: OnCorrupt;
  /** Emits a warning, once for each code. */
  readonly warn: (code: string, message: string) => void;
  /** Stops reading. */
  readonly signal: AbortSignal;
}

/**
 * Finds the bytes of a file; undefined for a file that has none: a directory, or a file without contents that is not on the disk. Returns a promise
 * only if it has to access the disk.
 * @throws Error for a file that cannot be put
 */
export function findContent(
  context: ContentContext,
  file: Vinyl,
): FileContent | undefined | Promise<FileContent | undefined> {
  const { contents } = file;
  if (Buffer.isBuffer(contents))
    return mayBeDecoded(file, contents)
      ? matchContents(file, contents).then((match) => chooseContent(context, file, inMemory(contents), match))
      : inMemory(contents);
  if (contents !== null) return contentOfStream(context, file, contents);
  // Without contents the engine reads the file from the disk: by ranges, in parts, and undamaged.
  if (file.history.length === 1 && file.stat?.isFile?.() === true) return onDisk(file.path);
  return file.isDirectory() ? undefined : findOnDisk(file);
}

function inMemory(contents: Buffer): FileContent {
  return { body: contents, memory: contents.length };
}

function onDisk(path: string): FileContent {
  return { body: { path }, memory: 0 };
}

async function contentOfStream(
  context: ContentContext,
  file: Vinyl,
  contents: NodeJS.ReadableStream,
): Promise<FileContent> {
  const temporaryPath = await writeTemporaryFile(contents, context.signal).catch(explainPrematureClose);
  const match = await matchTemporaryFile(file, temporaryPath);
  const from = originalPath(file);
  if (match === 'same') {
    remove(temporaryPath);
    return { ...onDisk(from), restore: () => replaceContents(file, contents, openLater(from)) };
  }
  const restore = (): void => replaceContents(file, contents, openTemporaryFile(temporaryPath));
  try {
    return { ...chooseContent(context, file, onDisk(temporaryPath), match), restore };
  } catch (error) {
    restore();
    throw error;
  }
}

/** When gulp 5 decodes large files as streams, it closes them before their end. */
function explainPrematureClose(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  const explained = new Error('its stream closed before its end, as gulp 5 does when it decodes large files', {
    cause: error,
  });
  throw Object.assign(explained, { code: error.code, hint: ENCODING_HINT });
}

/** Keeps contents that a stage has set meanwhile. */
function replaceContents(file: Vinyl, read: NodeJS.ReadableStream, unread: NodeJS.ReadableStream): void {
  if (file.contents === read) file.contents = unread;
}

/** A file without contents: at its current path, or at an earlier one, such as where gulp found it. Links are followed. */
async function findOnDisk(file: Vinyl): Promise<FileContent | undefined> {
  for (const path of file.history.toReversed()) {
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isFile() === true) return onDisk(path);
    if (stats !== undefined) return undefined;
  }
  if (file.isSymbolic?.() === true) throw new Error(`${file.path} is a link to nothing`);
  // The file has disappeared since gulp found it; the put reports that.
  return file.stat?.isFile?.() === true ? onDisk(file.path) : undefined;
}

const ENCODING_HINT =
  'Add { encoding: false } to gulp.src, or { read: false } to have the file read when it is uploaded.';
const DAMAGE_HINT = `${ENCODING_HINT} onCorrupt: 'heal' uploads what is on the disk.`;

/** The content to put: as gulp read it, or from the disk where gulp damaged it and `onCorrupt` is `heal`. */
function chooseContent(
  { onCorrupt, warn }: ContentContext,
  file: Vinyl,
  content: FileContent,
  match: ContentMatch,
): FileContent {
  if (match === 'bom') {
    warn(
      'bom',
      `gulp.src removed the byte order mark from ${file.relative}, and perhaps from others; { removeBOM: false } keeps it.`,
    );
  }
  if (match !== 'decoded') return content;
  if (onCorrupt === 'heal') return onDisk(originalPath(file));
  const error = new Error('gulp has decoded this file as UTF-8, and so damaged it');
  throw Object.assign(error, { code: 'CorruptedByGulp', hint: DAMAGE_HINT });
}

// A stream can be read only once, but its bytes have to be put, sent again after a failure, and passed on to the next stages: a temporary file keeps
// them. The whole process shares one folder, so that a watched task does not add an exit listener with each run.

let folder: string | undefined;
let count = 0;

function nextPath(): string {
  if (folder === undefined) {
    const created = makeFolder();
    folder = created;
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
  }
  return join(folder, String(count++));
}

/** A new folder for temporary files. Throws an error that says how to fix it. */
function makeFolder(): string {
  const parent = tmpdir();
  try {
    return mkdtempSync(join(parent, 'gulp-s3-parallel-put-'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `${parent} does not exist` : message;
    const explained = new Error(`the folder for temporary files cannot be used: ${why}`, { cause: error });
    throw Object.assign(explained, { code, hint: 'Make that folder writable, or name another one in TMPDIR.' });
  }
}

/** Removes a temporary file; it may be gone already. */
function remove(path: string): void {
  unlink(path, () => {});
}

/** Removes the temporary files of streams that are collected before they were read to the end. */
const unreadStreams = new FinalizationRegistry<string>(remove);

/** Writes a stream to a new temporary file; returns the file's path. */
async function writeTemporaryFile(stream: NodeJS.ReadableStream, signal: AbortSignal): Promise<string> {
  const path = nextPath();
  try {
    await pipeline(stream, createWriteStream(path), { signal });
    return path;
  } catch (error) {
    remove(path);
    throw error;
  }
}

/** A file as a stream that opens the file at the first read. */
function openLater(path: string): Readable {
  const chunks = async function* (): AsyncGenerator<Buffer, void> {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  };
  return Readable.from(chunks(), { objectMode: false });
}

/** The same for a temporary file, which is removed when the stream closes. */
function openTemporaryFile(path: string): Readable {
  const stream = openLater(path);
  unreadStreams.register(stream, path, stream);
  stream.once('close', () => {
    unreadStreams.unregister(stream);
    remove(path);
  });
  return stream;
}
