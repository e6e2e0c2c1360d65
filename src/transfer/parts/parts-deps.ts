import type { ResumeChoice } from '../../option-values.js';
import type { PartSizing } from '../../part-size.js';
import type { Bucket } from '../../s3/bucket.js';
import type { Md5 } from '../md5.js';
import type { Layout } from './layout.js';
import type { PartBuffers } from './part-buffers.js';
import type { PartBytes } from './part-bytes.js';
import type { PartQueue } from './part-queue.js';
import type { PartRecord } from './part-record.js';

/** Bytes of objects that are still under way, for whoever shows how far a run is. */
export interface PartMeter {
  /** @param takenOver they lay in the bucket already */
  add(bytes: number, takenOver: boolean): void;
  /** The object settles, one way or the other. */
  end(): void;
}

/** What uploads of one run share. */
export interface PartsDeps {
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
