import type { CopyKey } from '../copy-options.js';
import { UsageError } from '../errors.js';

const VERSION = '?versionId=';

/** `name?versionId=ID` is one version of a key; the last such mark counts. */
export function copyKey(text: string): CopyKey {
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
