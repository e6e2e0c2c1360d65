import { S3RequestError } from '../errors.js';
import type { HeadRequest, RemoteObject } from './bucket.js';
import { wholeChecksum } from './checksum.js';
import { isKms, unquoted } from './integrity.js';
import { unusable } from './list-page.js';
import type { Call } from './request-error.js';

type Headers = Readonly<Record<string, string | undefined>>;

/** Asks for one object once, and gives the headers of the answer. */
export type Head = (call: Call, ask: HeadRequest, signal: AbortSignal) => Promise<Headers>;

const METADATA = 'x-amz-meta-';

/** HEAD as the engine wants it: undefined where the object is absent. */
export function headObject(
  bucket: string,
  head: Head,
): (key: string, signal: AbortSignal, ask?: HeadRequest) => Promise<RemoteObject | undefined> {
  return async (key, signal, ask = {}) => {
    const call: Call = { verb: 'HeadObject', bucket, key };
    try {
      return objectOf(call, key, await head(call, ask, signal));
    } catch (error) {
      if (error instanceof S3RequestError && error.status === 404) return undefined;
      throw error;
    }
  };
}

function objectOf(call: Call, key: string, headers: Headers): RemoteObject {
  if (headers['last-modified'] === undefined && headers.etag === undefined)
    throw unusable(call, 'is not about an object');
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith(METADATA)) metadata[name.slice(METADATA.length)] = value ?? '';
  return {
    key,
    size: Number(headers['content-length'] ?? 0),
    etag: unquoted(headers.etag),
    kms: isKms((name) => headers[name]),
    checksum: wholeChecksum(headers),
    metadata,
    headers,
  };
}
