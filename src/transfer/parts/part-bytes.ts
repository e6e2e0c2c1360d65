import type { PartRange } from '../../part-size.js';
import type { Part } from '../../s3/multipart.js';
import type { PartRecord } from './part-record.js';
import type { OpenUpload } from './parts-deps.js';
import type { Mark } from './upload-mark.js';

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
