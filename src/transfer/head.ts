import { S3RequestError } from '../errors.js';
import type { Content } from '../model/content.js';
import { isMd5 } from '../model/etag.js';
import type { RemoteState } from '../plan/decide.js';
import { HEADS } from '../report/reasons.js';
import { blocksOf } from '../run/blocks.js';
import type { Run } from '../run/run.js';
import { runConcurrently } from '../run/workers.js';
import type { Bucket, HeadRequest, RemoteObject } from '../s3/bucket.js';
import { checksumOf } from '../s3/checksum.js';

/** What HEAD shows of a listed key. `absent`: it was deleted since; `denied`: HEAD is not permitted. */
export type HeadResult = RemoteObject | 'absent' | 'denied';

/** Sends a HEAD for a listed key; `why` goes into the report. Throws what a HEAD throws, except that it is denied. */
export type HeadObject = (key: string, why: string, request?: HeadRequest) => Promise<HeadResult>;

/**
 * HEADs for facts that a listing lacks. A user with ListBucket but without `s3:GetObject` is refused; that is no failure, because a put needs no
 * HEAD. The first response of a run shows whether HEAD is permitted, so the others wait for it; after a refusal no HEAD is sent any more.
 * @param headersToo whether they compare headers, which a refusal then prevents
 */
export function headObjects(
  { record, signal }: Pick<Run, 'record' | 'signal'>,
  bucket: Bucket,
  headersToo = false,
): HeadObject {
  let allowed: boolean | undefined;
  let checksums = true;
  let first: Promise<unknown> | undefined;

  async function head(key: string, { checksum, ...plain }: HeadRequest): Promise<HeadResult> {
    const withChecksum = checksum === true && checksums;
    try {
      return (await bucket.headObject(key, signal, withChecksum ? { checksum } : plain)) ?? 'absent';
    } catch (error) {
      if (!(error instanceof S3RequestError)) throw error;
      // Some servers do not know checksums and refuse a request for them.
      if (withChecksum && (error.status === 501 || error.status === 400)) {
        const answer = await head(key, plain);
        checksums = false;
        return answer;
      }
      if (error.code !== 'AccessDenied') throw error;
      // S3 returns the checksum of an object under a KMS key only with permission to decrypt it.
      if (withChecksum) return head(key, plain);
      const uncompared = headersToo ? 'headers of unchanged objects are not compared, and ' : '';
      const message = `HEAD of objects in "${bucket.name}" is denied (s3:GetObject): ${uncompared}what only a HEAD can prove to be unchanged is uploaded again.`;
      record.warn('head-denied', message);
      return 'denied';
    }
  }

  return async (key, why, request = {}) => {
    while (allowed === undefined && first !== undefined) await first;
    if (allowed === false) return 'denied';
    record.countHead(why);
    const answer = head(key, request);
    // If this one fails without a verdict, the next one is the first again.
    if (allowed === undefined) first = answer.then(learn, () => {}).finally(() => (first = undefined));
    return answer;
  };

  function learn(result: HeadResult): void {
    allowed = result !== 'denied';
  }
}

/** HEADs whose answers are kept for a moment. */
export interface KeptHeads {
  readonly headObject: HeadObject;
  /** Takes what the last HEAD of a key has shown, if there was one. */
  take(key: string): RemoteObject | undefined;
}

/** Keeps what HEADs of whole objects show, so that a second question about an object needs no second request. Each key must be taken. */
export function keptHeads(headObject: HeadObject): KeptHeads {
  const kept = new Map<string, RemoteObject>();
  return {
    async headObject(key, why, request) {
      const answer = await headObject(key, why, request);
      if (typeof answer !== 'string' && request?.partNumber === undefined) kept.set(key, answer);
      return answer;
    },
    take(key) {
      const head = kept.get(key);
      kept.delete(key);
      return head;
    },
  };
}

/** What a HEAD shows, as plans see it. */
export function stateOf({ size, etag, metadata, kms, wholeChecksum, headers }: RemoteObject): Present {
  const encoding = headers?.['content-encoding'];
  return { state: 'present', size, etag, metadata, encoding, kms, wholeChecksum, headers };
}

type Present = Extract<RemoteState, { readonly state: 'present' }>;

/** The remote state of one key by HEAD. Without ListBucket permission S3 returns 403 for a missing key, so 403 means "unknown". */
export async function headRemote(
  { record, signal }: Pick<Run, 'record' | 'signal'>,
  bucket: Bucket | undefined,
  key: string,
  withHeaders = false,
): Promise<RemoteState> {
  try {
    record.countHead('not listed');
    const found = await bucket?.headObject(key, signal);
    if (found === undefined) return { state: 'absent', proof: 'proven' };
    const { headers, ...state } = stateOf(found);
    return withHeaders ? { ...state, headers } : state;
  } catch (error) {
    if (error instanceof S3RequestError && error.code === 'AccessDenied') return { state: 'unknown' };
    throw error;
  }
}

/**
 * HEAD of an object that may be the one that this run has just written, with its checksum where the server has that. Throws what a HEAD throws.
 */
export async function headStored(bucket: Bucket, key: string, signal: AbortSignal): Promise<RemoteObject | undefined> {
  try {
    return await bucket.headObject(key, signal, { checksum: true });
  } catch (error) {
    // Some servers do not know checksums, and under a KMS key they need the permission to decrypt.
    const status = error instanceof S3RequestError ? error.status : undefined;
    if (status !== 400 && status !== 403 && status !== 501) throw error;
    return bucket.headObject(key, signal);
  }
}

/**
 * HEAD of the object that a refused conditional write has met: it may be this run's own, from an earlier try or because a proxy delivered the write
 * twice. Undefined where that is out of the question, because a HEAD before the write found the key, or where nothing shows it.
 */
export async function headMet(
  bucket: Bucket,
  key: string,
  { verb, attempts }: S3RequestError,
  signal: AbortSignal,
): Promise<RemoteObject | undefined> {
  if (verb === 'HeadObject') return undefined;
  return headStored(bucket, key, signal).catch((error) => {
    // Without a lost response another writer is more likely than a write that was delivered twice.
    if (attempts === 1 && error instanceof S3RequestError && (error.status ?? 500) < 500) return undefined;
    throw error;
  });
}

/** Whether a bucket has an object with any of some keys; `unknown` where HEAD is not permitted, fails, or too many would be needed. */
export type Presence = 'present' | 'absent' | 'unknown';

/** HEADs that one run sends at most to find objects that it does not put. */
const MOST_FINDING = 1_000;
/** Refusals, without one response, after which there will be no other. */
const MOST_REFUSALS = 8;

/**
 * Finds out by HEAD which groups of keys have an object, several groups side by side, and the keys of each one after the other. An empty group has none.
 * @param bucket undefined where no request is made
 */
export async function findObjects(
  run: Run,
  bucket: Bucket | undefined,
  groups: readonly (readonly string[])[],
  most: number = MOST_FINDING,
): Promise<readonly Presence[]> {
  const { record, stop } = run;
  const found: Presence[] = groups.map((keys) => (keys.length === 0 ? 'absent' : 'unknown'));
  let sent = 0;
  let answered = false;
  let refused = 0;

  async function one(bucket: Bucket, key: string): Promise<Presence> {
    if (sent >= most || (!answered && refused >= MOST_REFUSALS)) return 'unknown';
    sent += 1;
    record.countHead(HEADS.linked);
    try {
      const object = await bucket.headObject(key, stop.signal);
      answered = true;
      return object === undefined ? 'absent' : 'present';
    } catch (error) {
      stop.signal.throwIfAborted();
      if (!(error instanceof S3RequestError)) throw error;
      refused += 1;
      return 'unknown';
    }
  }

  async function group(bucket: Bucket, keys: readonly string[]): Promise<Presence> {
    let absent: Presence = 'absent';
    for (const key of keys) {
      const presence = await one(bucket, key);
      if (presence === 'present') return presence;
      if (presence === 'unknown') absent = presence;
    }
    return absent;
  }

  if (bucket === undefined) return found;
  const some = [...groups.keys()].filter((index) => (groups[index] ?? []).length > 0);
  await runConcurrently(run, blocksOf(some), async (index) => {
    found[index] = await group(bucket, groups[index] ?? []);
    return undefined;
  });
  return found;
}

/** What is under a key now: an object, nothing, or what nothing shows. */
export type ObjectNow = RemoteObject | 'absent' | 'unseen';

/**
 * What is under a key whose object another writer may have changed: by HEAD, or by a listing where HEAD is refused, because the credentials may list
 * but not read, or because an object with a customer key needs that key. Throws what a HEAD throws for other reasons.
 */
export async function objectNow(bucket: Bucket, key: string, signal: AbortSignal): Promise<ObjectNow> {
  try {
    return (await headStored(bucket, key, signal)) ?? 'absent';
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
  try {
    // In the order of listings, no key is before the one that is the whole prefix.
    const { objects, continuationToken } = await bucket.listObjects({ prefix: key }, signal);
    const found = objects.find((object) => object.key === key);
    return found ?? (continuationToken === undefined ? 'absent' : 'unseen');
  } catch (error) {
    if (isRefused(error)) return 'unseen';
    throw error;
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof S3RequestError && error.status !== undefined && error.status < 500;
}

/** Local bytes, as far as proofs need them. */
interface LocalBytes {
  md5(): string | Promise<string>;
  measure<T>(of: (content: Content) => Promise<T>): Promise<T>;
}

/** What proves that an object of the same size has these bytes: its ETag or a checksum; undefined where nothing does. */
export async function proofOf(
  { etag, kms, checksum }: RemoteObject,
  bytes: LocalBytes,
  signal: AbortSignal,
): Promise<'md5' | 'crc32' | undefined> {
  if (kms !== true && isMd5(etag) && etag.toLowerCase() === (await bytes.md5())) return 'md5';
  if (checksum === undefined) return undefined;
  const own = await bytes.measure((content) => checksumOf(checksum.algorithm, content, signal));
  return own === checksum.value ? 'crc32' : undefined;
}
