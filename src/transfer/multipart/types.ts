import { setMaxListeners } from 'node:events';
import type { Layout, Part, PartRange, PartSizing } from '../../model/part-layout.js';
import type { ResumeChoice } from '../../options/types.js';
import { Limiter } from '../../run/limiter.js';
import type { MemoryBudget } from '../../run/memory.js';
import type { Bucket } from '../../s3/bucket.js';
import type { Md5 } from '../body/hash.js';
import { type PartBuffers, type PartQueue, partBuffers, partQueue } from './part-queue.js';
import type { Mark, PartRecord } from './parts.js';

/** Bytes of objects that are still under way, for whoever shows how far a run is. */
export interface PartMeter {
  /** @param takenOver they lay in the bucket already */
  add(bytes: number, takenOver: boolean): void;
  /** The object settles, one way or the other. */
  end(): void;
}

/** What uploads of one run share. */
export interface MultipartContext {
  readonly bucket: Bucket;
  /** Lets nothing new begin. */
  readonly stop: AbortSignal;
  /** Cuts off what is under way: a while after the run was aborted, so that parts can finish. */
  readonly signal: AbortSignal;
  readonly md5: Md5;
  readonly queue: PartQueue;
  readonly buffers: PartBuffers;
  readonly sizing: PartSizing;
  readonly resume: ResumeChoice;
  /** Says something to the user, once per code. */
  readonly warn: (code: string, message: string) => void;
  readonly meter: () => PartMeter;
  /** Runs the work on one object when it is its turn; objects in parts that are open at once are few. */
  readonly inTurn: <T>(work: (age: number) => Promise<T>) => Promise<T>;
}

type Headers = Readonly<Record<string, string>>;

/** One object that goes up in parts. */
export interface PartedObject {
  readonly key: string;
  readonly origin: string;
  readonly layout: Layout;
  readonly bytes: PartBytes;
  /** All that a put of it would send. */
  readonly headers: Headers;
  /** Is it created with a checksum of the whole, where the server takes one? */
  readonly checksummed: boolean;
  /** What else tells it from others, for its mark; names that no header has. */
  readonly identity?: Headers | undefined;
  /** The ETag that the object must have, where that is known before. */
  readonly etag?: string | undefined;
  /** When it began, among the objects of the run. */
  readonly age: number;
}

/** An upload that parts are sent to. */
export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  /** What each request for a part needs. */
  readonly headers: Headers;
  readonly crc32: boolean;
  readonly encrypted: boolean;
  /** A later run can prove that it is the same upload. */
  readonly resumable: boolean;
  /** An earlier run has begun it. */
  readonly adopted: boolean;
  /** It is adopted by its parts alone: nothing has proved its headers. */
  readonly unproven: boolean;
  /** When it began by the server's clock, in ms since 1970, where that is known. */
  readonly begunAt?: number | undefined;
  /** Parts that are in the bucket, by their numbers. */
  readonly parts: Map<number, PartRecord>;
}

const CUSTOMER = 'x-amz-server-side-encryption-customer-';
const EVERY_REQUEST: ReadonlySet<string> = new Set(['x-amz-request-payer', 'x-amz-expected-bucket-owner']);

/** The headers of a put that the requests for parts need as well: a customer's key, and who pays. */
export function partHeaders(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith(CUSTOMER) || EVERY_REQUEST.has(name)),
  );
}

/** The source changed while it was read: what was sent may be a mix of two states. */
export class ChangedWhileRead extends Error {}

/** One part that has arrived. */
export interface SentPart {
  readonly record: PartRecord;
  readonly attempts: number;
  /** How long its request took. */
  readonly durationMs: number;
}

/** An unfinished upload as it is listed. */
export interface ListedParts {
  readonly parts: ReadonlyMap<number, Part>;
  /** The mark that it would have if this run had begun it, and whether it has it. */
  readonly mark: Mark;
  readonly marked: boolean;
  /** When it began, in ms since 1970, where the server tells. */
  readonly begunAt: number | undefined;
}

/** Parts of an upload that all equal the bytes here. */
export interface ProvenParts {
  readonly parts: Map<number, PartRecord>;
  /** The upload was created with the checksum CRC32. */
  readonly crc32: boolean;
  readonly encrypted: boolean;
}

/** Where the bytes of parts come from, how they get into an upload, and what proves that they are there. */
export interface PartBytes {
  /** Bytes that a part of this size takes in memory while it is on its way. */
  memoryOf(bytes: number): number;
  /** Throws `ChangedWhileRead` where the source is not what it was. */
  send(upload: OpenUpload, range: PartRange): Promise<SentPart>;
  /** The listed parts, if every one of them is proved to hold these bytes. */
  proven(listed: ListedParts): Promise<ProvenParts | undefined>;
  /** Can the parts alone prove it, without a mark? */
  readonly selfEvident: boolean;
  /** The ETag of the object that all parts make, where it can be known. */
  etag(): Promise<string | undefined>;
  unchanged(): Promise<boolean>;
}

export interface PartsOfRunDeps extends Pick<MultipartContext, 'bucket' | 'sizing' | 'md5' | 'resume' | 'stop'> {
  readonly memory: MemoryBudget;
  /** Bytes of buffers that are kept for later. */
  readonly bodies: number;
  readonly record: Pick<MultipartContext, 'warn' | 'meter'>;
  /** The run's own. */
  readonly signal: AbortSignal;
  /** Objects in parts that may be open at once. */
  readonly openAtOnce: number;
}

/** After an abort what is under way may still finish for so long. */
const GRACE_MS = 3_000;

/** What uploads of one run share. */
export function multipartContext(deps: PartsOfRunDeps): MultipartContext {
  const { bucket, sizing, md5, resume, stop, memory, bodies, record, signal, openAtOnce } = deps;
  const turns = new Limiter(openAtOnce, stop);
  let begun = 0;
  return {
    bucket,
    sizing,
    md5,
    resume,
    stop,
    signal: afterGrace(signal),
    queue: partQueue(memory),
    buffers: partBuffers(bodies),
    warn: record.warn,
    meter: record.meter,
    inTurn: (work) => turns.run(() => work(begun++)),
  };
}

/** Aborted a while after the given signal. */
function afterGrace(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  // All parts in flight listen to it.
  setMaxListeners(0, late.signal);
  const later = () => setTimeout(() => late.abort(signal.reason), GRACE_MS).unref();
  if (signal.aborted) later();
  else signal.addEventListener('abort', later, { once: true });
  return late.signal;
}
