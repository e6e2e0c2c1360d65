import { S3RequestError } from '../../errors.js';
import { isMd5 } from '../../etag-parts.js';
import type { CopyWay } from '../../plan/copy-way.js';
import type { GotObject } from '../../s3/copying.js';
import type { CopyEntry } from '../../source/bucket-source.js';
import { heldContent } from '../held-content.js';
import { ChangedWhileRead } from '../parts/part-bytes.js';
import type { Result } from '../put-entry.js';
import { type CopyDecision, type CopyDeps, readFrom } from './copy-deps.js';
import { appeared, copied } from './copy-result.js';
import { interrupted } from './interrupted.js';
import { sourceExtras } from './source-facts.js';

/** Objects whose bytes are read again where they are not what the source's ETag says. */
const READS = 2;

/** Reads an object into memory and puts it into the destination. */
export async function relayObject(
  deps: CopyDeps,
  entry: CopyEntry,
  decision: CopyDecision,
  way: CopyWay,
): Promise<Result> {
  const { dest, headers, memory, signal, stop } = deps;
  const { key, size, etag, storageClass } = entry;
  const reservation = await memory.reserve(size * 2, stop);
  try {
    const got = await readWhole(deps, entry);
    const extras = await sourceExtras(deps, entry, got.headers);
    const { onlyIfAbsent } = decision;
    const facts = { key, storageClass, source: got.headers, ...extras };
    // An ETag that is no MD5 would never match the source's.
    const own = headers.ofNew({ ...facts, copiedFrom: deps.learned.destKms ? etag : undefined });
    const body = { size, read: () => got.body };
    const condition = onlyIfAbsent === undefined ? {} : { onlyIfAbsent };
    try {
      const answer = await dest.putObject({ key, body, headers: own, ...condition }, signal);
      if (answer.kms) deps.learned.destKms = true;
      return copied(entry, decision, way, answer);
    } catch (error) {
      if (signal.aborted && !(error instanceof S3RequestError)) throw interrupted(entry);
      if (onlyIfAbsent === undefined || !(error instanceof S3RequestError) || error.status !== 412) throw error;
      const there = error.attempts > 1 ? await dest.headObject(key, signal) : undefined;
      if (there === undefined || there.etag !== etag) return appeared(entry, error.attempts);
      return copied(entry, decision, way, { etag, verified: 'md5', attempts: error.attempts });
    }
  } finally {
    reservation.release();
  }
}

/** All bytes, checked against the source's ETag where that is their MD5. */
async function readWhole(deps: CopyDeps, entry: CopyEntry): Promise<GotObject> {
  const { source, md5, signal, stop } = deps;
  const { sourceKey: key, size, etag, origin } = entry;
  for (let reads = 1; ; reads++) {
    const got = await source.getObject(readFrom(entry), undefined, signal).catch((error) => {
      throw error instanceof S3RequestError && error.status === 412 ? new ChangedWhileRead(origin) : error;
    });
    if (got.body.length !== size) throw new ChangedWhileRead(origin);
    if (!isMd5(etag) || !source.facts().etagIsMd5 || isEncrypted(got.headers)) return got;
    if ((await md5.of(heldContent(got.body), stop)) === etag.toLowerCase()) return got;
    if (reads < READS) continue;
    const message = `GetObject s3://${source.name}/${key}: the bytes that came are not those of the ETag ${etag}`;
    const hint = 'Something between this machine and the source changes bodies.';
    throw new S3RequestError(message, {
      code: 'ETagMismatch',
      verb: 'GetObject',
      bucket: source.name,
      key,
      status: 200,
      hint,
    });
  }
}

function isEncrypted(headers: GotObject['headers']): boolean {
  const method = headers['x-amz-server-side-encryption'];
  const customer = headers['x-amz-server-side-encryption-customer-algorithm'];
  return customer !== undefined || (method?.startsWith('aws:kms') ?? false);
}
