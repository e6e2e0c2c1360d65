import { hash } from 'node:crypto';
import type { DecideOptions, RemoteState } from '../../plan/decide.js';
import type { Lookup } from '../../plan/listing/merge.js';
import type { Entry } from '../../source/types.js';
import { SCRATCH } from '../body/body.js';

/**
 * Whether the bytes of a small file have the MD5 that a listing shows, found without a promise, because most objects of most updates are unchanged.
 * False where something else has to decide. An ETag that is no MD5 equals none.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function isAsListed(
  { mode, compare }: DecideOptions,
  { size, readWhole, stream, redirect, release }: Entry,
  remote: Lookup,
): remote is Extract<RemoteState, { readonly state: 'present' }> {
  if (remote.state !== 'present' || remote.etag === undefined || mode !== 'update' || compare !== 'content')
    return false;
  if (size !== remote.size || readWhole === undefined) return false;
  if (stream !== undefined || redirect !== undefined || release !== undefined) return false;
  try {
    const bytes = readWhole(SCRATCH);
    return bytes !== undefined && hash('md5', bytes, 'hex') === remote.etag.toLowerCase();
  } catch {
    // The general way says what is wrong with it.
    return false;
  }
}
