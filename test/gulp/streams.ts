import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { S3Server } from 'fake-s3';
import type { S3File, S3PutError, S3PutOptions } from '../../gulp-plugin/src/index.js';
import { s3Put } from '../../gulp-plugin/src/index.js';
import { connection } from '../support/engine.js';
import { File } from './gulp-versions.js';

/** A stream of the plugin that puts into the bucket `site` of a server. */
export function putTo(server: S3Server, options: Partial<S3PutOptions> = {}): Duplex {
  return s3Put({ bucket: 's3://site', ...connection(server), ...options });
}

/** A file in `/base`, with contents or without. */
export function fileOf(path: string, contents: Buffer | NodeJS.ReadableStream | null, s3?: S3File['s3']): S3File {
  const file = new File({ base: '/base', path: `/base/${path}`, contents: contents as Buffer | null }) as S3File;
  if (s3 !== undefined) file.s3 = s3;
  return file;
}

/** The same with text as contents; by default its path. */
export const textFile = (path: string, contents: string = path, s3?: S3File['s3']): S3File =>
  fileOf(path, Buffer.from(contents), s3);

export interface Passed {
  readonly files: readonly S3File[];
  readonly error: S3PutError | undefined;
}

/** Reads a stream to its end: the files that it passes on, and its error. */
export async function passed(stream: NodeJS.ReadableStream): Promise<Passed> {
  const files: S3File[] = [];
  stream.on('data', (file: S3File) => files.push(file));
  try {
    await finished(stream, { writable: false });
    return { files, error: undefined };
  } catch (error) {
    return { files, error: error as S3PutError };
  }
}

/** The same after writing files to it. */
export function through(stream: Duplex, files: readonly unknown[]): Promise<Passed> {
  const all = passed(stream);
  for (const file of files) stream.write(file);
  stream.end();
  return all;
}

/** The states of files, by name. */
export const statesOf = (files: readonly S3File[]): Record<string, string | undefined> =>
  Object.fromEntries(files.map((file) => [file.relative, file.s3?.state]));
