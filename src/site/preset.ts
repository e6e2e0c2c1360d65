import type { HeaderMap } from '../options/types.js';
import type { LowestHeaders } from '../transfer/put/form.js';
import { phaseOf } from './phases.js';

/** What `preset: 'site'` gives one file. */
export interface PresetHeaders {
  readonly headers: HeaderMap;
  /** Why, for a person who asks. */
  readonly why: string;
  /** Whether the headers rest on the name changing with the content. */
  readonly hashed: boolean;
}

/** Of entry documents, and of redirects, which stand in the place of some. */
export const REVALIDATED: HeaderMap = { 'cache-control': 'no-cache' };
/** A year in browsers cannot be taken back. https://www.rfc-editor.org/rfc/rfc8246 */
const FOREVER = { 'cache-control': 'public, max-age=31536000, immutable' } as const;
const TEN_MINUTES = { 'cache-control': 'public, max-age=600' } as const;

/**
 * The headers of `preset: 'site'`: HTML and other entry documents are revalidated, names that change with their content are kept for a year, and all
 * else for ten minutes.
 * @param path relative to the source, with `/`
 * @param hashedBy why the name of a file is known to change with its content; undefined where that is not known
 */
export function presetHeaders(path: string, hashedBy: (path: string) => string | undefined): PresetHeaders {
  if (phaseOf(path) === 'pages') return { headers: REVALIDATED, why: 'an entry document', hashed: false };
  const hashed = hashedBy(path);
  if (hashed === undefined) return { headers: TEN_MINUTES, why: 'any other file', hashed: false };
  return { headers: FOREVER, why: hashed, hashed: true };
}

/** {@link presetHeaders}, as a put lays the headers of its options over them. A name whose content has changed once may change again, whatever it looks like. */
export function lowestHeaders(path: string, hashedBy: (path: string) => string | undefined): LowestHeaders {
  const { headers, hashed } = presetHeaders(path, hashedBy);
  return hashed ? { headers, whenChanged: TEN_MINUTES } : { headers };
}
