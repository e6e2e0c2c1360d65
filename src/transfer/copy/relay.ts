import { COPIED_FROM } from '../../encode/copy-headers.js';
import { S3RequestError } from '../../errors.js';
import { bytesContent } from '../../model/content.js';
import { isMd5 } from '../../model/etag.js';
import type { CopyMethod } from '../../plan/copy-method.js';
import type { Verified } from '../../report/types.js';
import type { GotObject, RemoteObject } from '../../s3/bucket.js';
import { isEncrypted } from '../../s3/integrity.js';
import type { CopyEntry } from '../../source/bucket.js';
import { headMet, proofOf } from '../head.js';
import { ChangedWhileRead, type PartBytes } from '../multipart/types.js';
import { appeared, orUnknown, type PutDecision, type Result, writeError } from '../result.js';
import { type CopyContext, type CopyEnds, copied, readFrom } from './context.js';
import { partsProvenByDate, sourceExtras } from './source.js';

/** How often bytes are read that do not match the source's ETag. */
const READS = 2;

/** Reads an object into memory and puts it into the destination. */
export async function relayObject(
  context: CopyContext,
  entry: CopyEntry,
  decision: PutDecision,
  method: CopyMethod,
): Promise<Result> {
  const { dest, headers, memory, signal, stop } = context;
  const { key, size, etag, storageClass } = entry;
  const reservation = await memory.reserve(size * 2, stop);
  try {
    const got = await readWhole(context, entry);
    const extras = await sourceExtras(context, entry, got.headers);
    const { onlyIfAbsent } = decision;
    const facts = { key, storageClass, source: got.headers, ...extras };
    // Under a KMS key the destination's ETag never matches the source's.
    const own = headers.ofNew({ ...facts, copiedFrom: context.kms.dest ? etag : undefined });
    const body = { size, read: () => got.body };
    const condition = onlyIfAbsent === undefined ? {} : { onlyIfAbsent };
    try {
      const answer = await dest.putObject({ key, body, headers: own, ...condition }, signal);
      if (answer.kms) context.kms.dest = true;
      return copied(entry, decision, method, answer, own);
    } catch (thrown) {
      const error = writeError(context.record, entry, thrown);
      if (onlyIfAbsent === undefined || !(error instanceof S3RequestError) || error.status !== 412) throw error;
      const there = await orUnknown(entry, headMet(dest, key, error, signal));
      const verified =
        there?.size === size ? await orUnknown(entry, proofOfCopy(context, there, got.body, etag)) : undefined;
      if (there === undefined || verified === undefined) return appeared(size, error.attempts);
      return copied(entry, decision, method, { etag: there.etag, verified, attempts: error.attempts }, own);
    } finally {
      context.record.waiting.delete(key);
    }
  } finally {
    reservation.release();
  }
}

/** What proves that an object is a copy of these bytes: the source's ETag, or what the bytes have in common with it. */
async function proofOfCopy(
  { md5, signal }: CopyContext,
  there: RemoteObject,
  body: Buffer,
  sourceEtag: string | undefined,
): Promise<Verified | undefined> {
  if (sourceEtag !== undefined && there.etag === sourceEtag) return 'md5';
  if (sourceEtag !== undefined && there.metadata?.[COPIED_FROM] === sourceEtag) return 'none';
  const content = bytesContent(body);
  return proofOf(there, { md5: () => md5.of(content, signal), measure: (of) => of(content) }, signal);
}

/** All bytes, checked against the source's ETag where that is their MD5. */
async function readWhole(context: CopyContext, entry: CopyEntry): Promise<GotObject> {
  const { source, md5, signal, stop } = context;
  const { sourceKey: key, size, etag, origin } = entry;
  for (let reads = 1; ; reads++) {
    const got = await source.getObject(readFrom(entry), undefined, signal).catch((error) => {
      throw error instanceof S3RequestError && error.status === 412 ? new ChangedWhileRead(origin) : error;
    });
    if (got.body.length !== size) throw new ChangedWhileRead(origin);
    if (!isMd5(etag) || !source.facts().etagIsMd5 || isEncrypted((name) => got.headers[name])) return got;
    if ((await md5.of(bytesContent(got.body), stop)) === etag.toLowerCase()) return got;
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

/** Bytes that are read at once. */
const PIECE = 16 * 1024 * 1024;

/** Parts that come from the source's server and go to the destination's, through memory; no more of them than that allows. */
export function relayedParts(context: CopyEnds, entry: CopyEntry): PartBytes {
  return {
    // An answer is held in pieces, and then as a whole, until the part has it.
    memoryOf: (bytes) => bytes + 2 * Math.min(bytes, PIECE),
    async send({ key, uploadId, headers, crc32 }, { number, start, end }) {
      const began = performance.now();
      const bytes = await read(context, entry, start, end);
      const body = { size: bytes.length, read: () => bytes };
      const answer = await context.dest.putPart({ key, uploadId, headers, crc32, number, body }, context.parts.signal);
      const { etag, verified, attempts } = answer;
      const record = { number, size: end - start, etag, crc32: answer.crc32, md5: answer.md5, verified };
      return { record, attempts, durationMs: performance.now() - began };
    },
    proven: async (listed, onProven) => partsProvenByDate(entry, listed, onProven),
    selfEvident: false,
    origin: { from: 'object', entry, relayed: true },
    etag: async () => undefined,
    unchanged: async () => true,
  };
}

async function read({ source, parts }: CopyEnds, entry: CopyEntry, start: number, end: number): Promise<Buffer> {
  const from = readFrom(entry);
  const piece = async (at: number, to: number): Promise<Buffer> => {
    try {
      return (await source.getObject(from, { start: at, end: to }, parts.signal)).body;
    } catch (error) {
      throw error instanceof S3RequestError && error.status === 412 ? new ChangedWhileRead(entry.origin) : error;
    }
  };
  if (end - start <= PIECE) return piece(start, end);
  const bytes = Buffer.allocUnsafeSlow(end - start);
  for (let at = start; at < end; at += PIECE) (await piece(at, Math.min(at + PIECE, end))).copy(bytes, at - start);
  return bytes;
}
