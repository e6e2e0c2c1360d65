import { setMaxListeners } from 'node:events';
import { CUSTOMER_KEY } from '../../encode/object-headers.js';
import { SourceError } from '../../errors.js';
import type { Layout, Part, PartRange, PartSizing } from '../../model/part-layout.js';
import type { HeaderMap, ResumeChoice } from '../../options/types.js';
import type { Text } from '../../report/message.js';
import { Limiter } from '../../run/limiter.js';
import type { Run } from '../../run/run.js';
import type { Bucket } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket.js';
import type { Md5 } from '../body/hash.js';
import { type PartBuffers, type PartQueue, partBuffers, partQueue } from './part-queue.js';
import type { Mark, PartRecord } from './parts.js';

/** Counts bytes of objects that are not finished, for progress. */
export interface PartMeter {
  /** @param takenOver the bytes are in the bucket already */
  add(bytes: number, takenOver: boolean): void;
  /** The object has an outcome. */
  end(): void;
}

/** What uploads of one run share. */
export interface MultipartContext {
  readonly bucket: Bucket;
  /** Lets nothing new begin. */
  readonly stop: AbortSignal;
  /** Aborts requests in flight: a while after the run was aborted, so that parts can finish. */
  readonly signal: AbortSignal;
  readonly md5: Md5;
  readonly queue: PartQueue;
  readonly buffers: PartBuffers;
  readonly sizing: PartSizing;
  readonly resume: ResumeChoice;
  /** Warns the user, once per code. */
  readonly warn: (code: string, message: Text) => void;
  readonly meter: () => PartMeter;
  /** Runs the work on one object when a turn is free: only a few multipart objects are open at once. */
  readonly inTurn: <T>(work: (age: number) => Promise<T>) => Promise<T>;
  /** Changes how the parts of an upload are sent. */
  readonly aroundParts: (send: SendParts) => SendParts;
}

/** One object that is uploaded in parts. */
export interface PartedObject {
  readonly key: string;
  readonly origin: string;
  readonly layout: Layout;
  readonly bytes: PartBytes;
  /** All headers that a single put of it would send. */
  readonly headers: HeaderMap;
  /** Whether the upload is created with a checksum of the whole, where the server supports one. */
  readonly checksummed: boolean;
  /** What else distinguishes it from other objects, for its mark; names that no header has. */
  readonly identity?: HeaderMap | undefined;
  /** The ETag that the object must have, where it is known in advance. */
  readonly etag?: string | undefined;
  /** Whether that ETag is only likely: then the ETags of the stored parts must show it before the upload is completed. */
  readonly etagUnproven?: boolean;
  /** Its rank by start, among the objects of the run. */
  readonly age: number;
}

/** An upload that parts are sent to. */
export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Headers that each request for a part needs. */
  readonly headers: HeaderMap;
  readonly crc32: boolean;
  readonly encrypted: boolean;
  /** A later run can prove that it belongs to the same object. */
  readonly resumable: boolean;
  /** An earlier run has created it. */
  readonly adopted: boolean;
  /** It is adopted by its parts alone: its headers are unproven. */
  readonly unproven: boolean;
  /** When it was created by the server's clock, in ms since 1970, where that is known. */
  readonly begunAt?: number | undefined;
  /** Parts that are stored, by number. */
  readonly parts: Map<number, PartRecord>;
}

const EVERY_REQUEST: ReadonlySet<string> = new Set(['x-amz-request-payer', 'x-amz-expected-bucket-owner']);

/** The headers of a put that requests for parts need as well: a customer's key, the requester-pays mark and the expected owner. */
export function partHeaders(headers: HeaderMap): HeaderMap {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith(CUSTOMER_KEY) || EVERY_REQUEST.has(name)),
  );
}

/** The source changed while it was read: the bytes sent may mix two states. */
export class ChangedWhileRead extends Error {}

/** The code of an error that says that this machine, or another one, has another source than the run has found. */
export const SOURCE_DIFFERS = 'SourceDiffers';

/** Whether parts of two sources may have been sent, so that nothing of the upload can be used. */
export function isOtherSource(error: unknown): boolean {
  return error instanceof SourceError && error.code === SOURCE_DIFFERS;
}

/** Parts to send, one after the other. Undefined: none for now, but more may follow. */
export type PartSequence = Iterable<PartRange> | AsyncIterable<PartRange | undefined>;

/**
 * Sends parts of an object to its upload, and records each there.
 * @returns requests made
 */
export type SendParts = (
  object: PartedObject,
  upload: OpenUpload,
  meter: PartMeter,
  parts: PartSequence,
) => Promise<number>;

/** Sends the parts of uploads in another way, such as with the help of other machines. */
export type AroundParts = (send: SendParts, run: Run) => SendParts;

/** What another machine needs to know to send the same bytes. */
export type PartOrigin =
  | { readonly from: 'file'; readonly path: string }
  /** @property relayed the bytes pass through the machine that sends a part */
  | { readonly from: 'object'; readonly entry: CopyEntry; readonly relayed: boolean };

/** One part that is stored. */
export interface SentPart {
  readonly record: PartRecord;
  readonly attempts: number;
  /** Duration of its request. */
  readonly durationMs: number;
}

/** An unfinished upload as it is listed. */
export interface ListedParts {
  readonly parts: ReadonlyMap<number, Part>;
  /** The mark that it would have if this run had created it, and whether it has that mark. */
  readonly mark: Mark;
  readonly marked: boolean;
  /** When it was created, in ms since 1970, where the server says so. */
  readonly begunAt: number | undefined;
}

/** Parts of an upload that are all equal to the local bytes. */
export interface ProvenParts {
  readonly parts: Map<number, PartRecord>;
  /** The upload was created with the checksum CRC32. */
  readonly crc32: boolean;
  readonly encrypted: boolean;
}

/** Where the bytes of parts come from, how they are sent, and what proves that they are stored. */
export interface PartBytes {
  /** Bytes of memory that a part of this size takes while it is sent. */
  memoryOf(bytes: number): number;
  /** Throws `ChangedWhileRead` where the source has changed. */
  send(upload: OpenUpload, range: PartRange): Promise<SentPart>;
  /**
   * The listed parts, if every one of them is proven to hold these bytes.
   * @param onProven is called with the bytes of each part that is proven
   */
  proven(listed: ListedParts, onProven: (bytes: number) => void): Promise<ProvenParts | undefined>;
  /** Whether the parts alone prove it, without a mark. */
  readonly selfEvident: boolean;
  /** Undefined where no other machine has these bytes. */
  readonly origin: PartOrigin | undefined;
  /** The ETag of the object made of all parts, where it can be known. */
  etag(): Promise<string | undefined>;
  unchanged(): Promise<boolean>;
}

export interface MultipartOptions extends Pick<MultipartContext, 'bucket' | 'sizing' | 'md5' | 'resume'> {
  /** Bytes of buffers that are kept for reuse. */
  readonly bufferBytes: number;
  /** Multipart objects that may be open at once. */
  readonly openAtOnce: number;
  readonly aroundParts?: AroundParts | undefined;
}

/** After an abort requests in flight may still finish within this time. */
const GRACE_MS = 3_000;

/** What uploads of one run share. */
export function multipartContext(run: Run, own: MultipartOptions): MultipartContext {
  const { record, memory, signal, stop } = run;
  const { bucket, sizing, md5, resume, bufferBytes, openAtOnce } = own;
  const turns = new Limiter(openAtOnce, stop.signal);
  let begun = 0;
  return {
    bucket,
    sizing,
    md5,
    resume,
    stop: stop.signal,
    signal: afterGrace(signal),
    queue: partQueue(memory),
    buffers: partBuffers(bufferBytes),
    warn: record.warn,
    meter: record.meter,
    inTurn: (work) => turns.run(() => work(begun++)),
    aroundParts: (send) => own.aroundParts?.(send, run) ?? send,
  };
}

/** A signal that is aborted a while after the given one. */
function afterGrace(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  // Every part in flight listens to it.
  setMaxListeners(0, late.signal);
  const later = () => setTimeout(() => late.abort(signal.reason), GRACE_MS).unref();
  if (signal.aborted) later();
  else signal.addEventListener('abort', later, { once: true });
  return late.signal;
}
