import type { Answer } from '../http/answer.js';
import type { ObjectHead } from '../objects/object-head.js';
import type { Checksum } from './checksum.js';
import type { Compare } from './key-order.js';
import type { UploadChecksum } from './upload-checksum.js';

/** A part of an unfinished upload. */
export interface StoredPart {
  readonly number: number;
  /** Empty on a server that drops bodies. */
  readonly body: Buffer;
  /** Bytes. */
  readonly size: number;
  /** Unquoted: the MD5, or random under KMS. */
  readonly etag: string;
  /** In hex. */
  readonly md5: string;
  readonly checksum: Checksum | undefined;
  /** Milliseconds since the epoch, whole seconds. */
  readonly lastModified: number;
}

/** A multipart upload that is neither completed nor aborted. */
export interface StoredUpload {
  readonly uploadId: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly initiated: number;
  /** Headers, tags and ACL of the future object. */
  readonly head: ObjectHead;
  /** Undefined on a server without checksums. */
  readonly checksum: UploadChecksum | undefined;
  /** By number. */
  readonly parts: ReadonlyMap<number, StoredPart>;
}

type Begun = Omit<StoredUpload, 'parts'>;

interface Entry extends StoredUpload {
  initiated: number;
  readonly parts: Map<number, StoredPart>;
  /** Orders uploads that began at the same time. */
  readonly serial: number;
}

/** The multipart uploads of one bucket. It remembers the ids of uploads that ended, because listings may continue from them. */
export class Uploads {
  readonly #open: Map<string, Entry> = new Map();
  readonly #ended: Map<string, Entry> = new Map();
  readonly #completed: Map<string, Answer> = new Map();
  #serial = 0;

  begin(begun: Begun): void {
    this.#open.set(begun.uploadId, { ...begun, parts: new Map(), serial: this.#serial++ });
  }

  /** The open upload with this id, if it is one of this key. */
  get(key: string, uploadId: string): StoredUpload | undefined {
    const entry = this.#open.get(uploadId);
    return entry?.key === key ? entry : undefined;
  }

  /** Stores a part, and replaces one with the same number. */
  setPart(uploadId: string, part: StoredPart): void {
    this.#must(uploadId).parts.set(part.number, part);
  }

  /** Ends an upload and forgets its parts; `completed` is the response to its completion. */
  end(uploadId: string, completed?: Answer): void {
    const entry = this.#must(uploadId);
    this.#open.delete(uploadId);
    this.#ended.set(uploadId, { ...entry, parts: new Map() });
    if (completed !== undefined) this.#completed.set(uploadId, completed);
  }

  /** The response to the successful completion of this upload of this key. */
  completionOf(key: string, uploadId: string): Answer | undefined {
    return this.#ended.get(uploadId)?.key === key ? this.#completed.get(uploadId) : undefined;
  }

  /** Moves the start time of an upload back. */
  age(uploadId: string, milliseconds: number): void {
    this.#must(uploadId).initiated -= milliseconds;
  }

  /** Open uploads by key, those of one key by the time at which they began. */
  inOrder(compare: Compare): StoredUpload[] {
    return [...this.#open.values()].sort((a, b) => compare(a.key, b.key) || compareAge(a, b));
  }

  /** Open uploads of all keys by the time at which they began. */
  byAge(): StoredUpload[] {
    return [...this.#open.values()].sort(compareAge);
  }

  /** Whether an upload comes after another one of the same key, which may have ended meanwhile. */
  isAfter(uploadId: string, markerId: string): boolean {
    const marker = this.#open.get(markerId) ?? this.#ended.get(markerId);
    return marker !== undefined && compareAge(this.#must(uploadId), marker) > 0;
  }

  #must(uploadId: string): Entry {
    const entry = this.#open.get(uploadId);
    if (entry === undefined) throw new Error(`No upload ${uploadId}`);
    return entry;
  }
}

function compareAge(a: Entry, b: Entry): number {
  return a.initiated - b.initiated || a.serial - b.serial;
}
