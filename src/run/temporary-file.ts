import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceError } from '../errors.js';
import { hintFor, plainWords } from '../model/hints.js';

/** A file that only this process sees. */
export interface TemporaryFile {
  readonly fd: number;
  /** Closes and removes it; a second call does nothing. */
  remove(): void;
}

/**
 * Opens an empty file, which only its owner may read. It is unlinked at once, where the system allows that, so that nothing is left even if the
 * process is killed.
 */
export function openTemporaryFile(name: string): TemporaryFile {
  const folder = mkdtempSync(join(tmpdir(), 's3-parallel-put-'));
  const fd = openSync(join(folder, name), 'w+', 0o600);
  const unnamed = removed(folder);
  let open = true;
  return {
    fd,
    remove() {
      if (!open) return;
      open = false;
      closeSync(fd);
      if (!unnamed) removed(folder);
    },
  };
}

function removed(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * The error of a temporary file for people. A full disk or a missing folder is the usual cause, and the system's error does not say how to fix it.
 * @param content what the file holds, such as `a compressed body`
 */
export function temporaryFileError(error: unknown, content: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^E[A-Z]+$/.test(code) || error instanceof SourceError) return error;
  const what = plainWords(code, 'spool');
  const why = what === undefined ? String(error) : `${what} (${code})`;
  return new SourceError(code, `the temporary file for ${content} in ${tmpdir()} cannot be written: ${why}`, {
    hint: hintFor({ code, verb: 'spool' }) ?? 'Name another folder for temporary files in TMPDIR.',
    cause: error,
  });
}
