import { stat } from 'node:fs/promises';
import type { PutItem } from 's3-parallel-put';
import type Vinyl from 'vinyl';
import { type Damage, damageOf, damageOfSpooled } from './corruption.js';
import { type S3File, wishOf } from './file-state.js';
import { type Prepared, ruleHeaders } from './plugin-options.js';
import type { Spool } from './spool.js';

/** What is to be done with a file: put it, pass it on as it is, or call it failed. */
export type Admitted =
  | { readonly action: 'put'; readonly item: PutItem; readonly spooled: string | undefined }
  | { readonly action: 'pass' }
  | { readonly action: 'fail'; readonly key: string; readonly error: Error };

export interface AdmitDeps {
  readonly prepared: Prepared;
  readonly spool: Spool;
  /** Says something once. */
  readonly warn: (code: string, message: string) => void;
}

/** Makes an item of a file. Directories, and files without contents that are not on the disk, are passed on. */
export async function admit(deps: AdmitDeps, file: S3File): Promise<Admitted> {
  const { prepared } = deps;
  const path = file.relative.replaceAll('\\', '/');
  const wish = wishOf(file);
  const key = (wish.path ?? prepared.keyOf?.(file, path) ?? path).replace(/^\/+/, '');
  const rule = prepared.ruleOf?.(file);
  if (rule?.skip === true) return { action: 'pass' };
  const { headers: ruled, gzip } = ruleHeaders(rule ?? {});
  const headers = { ...ruled, ...prepared.headersOf?.(file), ...wish.headers };
  const bytes = await bodyOf(deps, file);
  if (bytes === undefined) return { action: 'pass' };
  if (bytes instanceof Error) return { action: 'fail', key: prepared.prefix + key, error: bytes };
  const item: PutItem = {
    key,
    body: bytes.body,
    origin: file.path,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(gzip !== undefined && { gzip }),
  };
  return { action: 'put', item, spooled: bytes.spooled };
}

interface Bytes {
  readonly body: PutItem['body'];
  readonly spooled: string | undefined;
}

async function bodyOf(deps: AdmitDeps, file: Vinyl): Promise<Bytes | Error | undefined> {
  if (file.isBuffer())
    return judged(deps, file, { body: file.contents, spooled: undefined }, await damageOf(file, file.contents));
  if (file.isStream()) {
    const spooled = await deps.spool.keep(file.contents);
    return judged(deps, file, { body: { path: spooled }, spooled }, await damageOfSpooled(file, spooled));
  }
  // Without contents the file is read from where it is: by ranges, in parts, and undamaged.
  if (file.stat?.isFile?.() === true) return { body: { path: file.path }, spooled: undefined };
  if (file.isDirectory()) return undefined;
  const found =
    file.isSymbolic() || file.stat === null || file.stat === undefined
      ? await stat(file.path).catch(() => undefined)
      : undefined;
  if (found?.isFile() === true) return { body: { path: file.path }, spooled: undefined };
  if (found === undefined && file.isSymbolic()) return new Error(`${file.path} is a link to nothing`);
  return undefined;
}

function judged({ prepared, warn }: AdmitDeps, file: Vinyl, bytes: Bytes, damage: Damage): Bytes | Error {
  if (damage === 'none') return bytes;
  if (damage === 'bom') {
    warn(
      'bom',
      `gulp.src has taken the byte order mark from ${file.relative}, and perhaps from others: { removeBOM: false } keeps it.`,
    );
    return bytes;
  }
  if (prepared.onCorrupt === 'heal') return { ...bytes, body: { path: file.path } };
  const error = new Error('gulp has decoded this file as UTF-8, and so damaged it');
  return Object.assign(error, {
    code: 'CorruptedByGulp',
    hint: "Add { encoding: false } to gulp.src, or { read: false } to have the file read when it is put; onCorrupt: 'heal' puts what is on the disk.",
  });
}
