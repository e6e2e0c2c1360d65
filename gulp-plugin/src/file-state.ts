import type { HeaderMap, Outcome } from 's3-parallel-put';
import type Vinyl from 'vinyl';

/** What became of a file. As gulp-awspublish has it, and more. */
export interface FileState {
  /** Key of the object, with the prefix. */
  readonly path: string;
  /** `create`: it was not there; `update`: it was different, or nobody looked; `skip`: it is the same. Absent where it failed. */
  readonly state?: 'create' | 'update' | 'skip';
  /** Unquoted, where the server names one. */
  readonly etag?: string;
  /** When it was put. */
  readonly date?: Date;
  /** All that it was put with; of others those that were asked for. */
  readonly headers: HeaderMap;
  /** Address of the object. */
  readonly url: string;
  /** Bytes that were sent. */
  readonly bytes: number;
  /** Why. */
  readonly reason: string;
}

/** What stages before have said of a file: its key, and headers. */
export interface Wish {
  readonly path: string | undefined;
  readonly headers: HeaderMap | undefined;
}

/** A file that carries its state. */
export type S3File = Vinyl & { s3?: Partial<FileState> };

/** @throws TypeError for headers that are none */
export function wishOf({ s3 }: S3File): Wish {
  const { path, headers } = s3 ?? {};
  if (headers === undefined) return { path, headers };
  // The length is that of what is sent, which may be compressed yet.
  const own = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length');
  return { path, headers: Object.fromEntries(own) };
}

export interface Settled {
  readonly outcome: Outcome | undefined;
  readonly headers: HeaderMap;
  readonly key: string;
  readonly url: string;
}

export function stateOf({ outcome, headers, key, url }: Settled): FileState {
  const { action, reason = 'not attempted', bytes = 0, etag } = outcome ?? {};
  const facts = { path: key, headers, url, bytes, reason, ...(etag !== undefined && { etag }) };
  if (action === 'put') return { ...facts, state: reason === 'new' ? 'create' : 'update', date: new Date() };
  return action === 'skip' ? { ...facts, state: 'skip' } : facts;
}
